"""Tables with one column for each session: a row is a pupil, and the lines at the top name the session of each column."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.registers.imports.formats import entries
from services.registers.imports.formats.dates import ReadDate, read_day
from services.registers.imports.formats.entries import Entry, Fault, Options, Unreadable
from services.registers.imports.formats.mapping import Grid, Mapping
from services.registers.imports.formats.rows import Headings, NamingFields, Reader, Rows, columns_of, names_pupils
from shared.attendance.sessions import Half

_TOTALS = frozenset({"total", "totals", "grand total", "sub total", "subtotal", "sum", "average", "mean", "count", "overall"})
_WEEKDAY = re.compile(r"(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\.?[\s,]+", re.IGNORECASE)
_EDGES = " \t\r\n-_:;,()[]/.|"


def reader_of(mapping: Mapping, options: Options, *, typed: bool) -> Callable[[Headings], Reader]:
    """Return what makes the reader of a table from the lines above its first row of marks."""

    def reader(headings: Headings) -> Reader:
        titles = headings[mapping.header_row]
        if mapping.grid or _is_grid(titles, mapping):
            return GridRows(headings, mapping, mapping.grid or Grid(), options, typed=typed)
        return Rows(titles, mapping, options, typed=typed)

    return reader


@dataclass(frozen=True, slots=True)
class SessionColumn:
    """A column of marks: the session it holds, or as its heading was written with what is wrong with it."""

    number: int
    day: ReadDate
    written: str
    half: str
    fault: Fault | None


class GridRows:
    """Reads the rows of a table with one column for each session. Raises Unreadable where it has no such column, or names no pupils."""

    def __init__(self, headings: Headings, mapping: Mapping, grid: Grid, options: Options, *, typed: bool) -> None:
        lines = [
            headings[mapping.header_row],
            headings[grid.date_row or mapping.header_row],
            headings[grid.session_row or mapping.header_row],
        ]
        width = max(map(len, lines))
        titles, dates, halves = ([*map(str.strip, line), *[""] * (width - len(line))] for line in lines)
        columns = columns_of([next(filter(None, each), "") for each in zip(titles, dates, halves, strict=True)], mapping)
        columns = {name: number for name, number in columns.items() if name not in {"date", "session", "code", "am", "pm", "minutes_late"}}
        if not names_pupils(columns):
            raise Unreadable("There is no column for `upn` (or `admission_number`, or `surname`, `forename` and `date_of_birth`).")
        one_line = (grid.date_row or mapping.header_row) == (grid.session_row or mapping.header_row)
        found = _in_one_line(dates, mapping, typed=typed) if one_line else _in_two_lines(dates, halves, mapping, typed=typed)
        self._sessions = [each for each in found if each.number not in columns.values()]
        if not any(each.fault is None for each in self._sessions):
            raise Unreadable("No heading of a column holds a date and AM or PM; a mapping can say in which lines they stand, under [grid].")
        self._width = width
        self._fields = NamingFields(columns, mapping, options, typed=typed)
        self._totals = _TOTALS | grid.totals
        self._as_code = lru_cache(1000)(lambda written: mapping.codes.get(written.casefold(), written))
        left_out = sorted(set(range(width)) - {each.number for each in self._sessions} - {*columns.values()})
        if left_out:
            options.warnings.append(f"These columns hold no session and were left out: {', '.join(str(each + 1) for each in left_out)}.")

    def read(self, row: Sequence[str], line: int) -> list[Entry]:
        """Return an entry for each session; of a line of totals one for each that stands for no mark; none for an empty row."""
        cells = [cell.strip() for cell in row[: self._width]]
        if not any(cells):
            return []
        cells += [""] * (self._width - len(cells))
        is_total = self._is_total(cells)
        school, unknown = self._fields.school(cells)
        upn, (person, birth, wrong_birth) = self._fields.cell(cells, "upn"), self._fields.person(cells)
        found = []
        for column in self._sessions:
            code = "" if is_total else self._as_code(cells[column.number])
            fault = unknown or column.fault or wrong_birth
            either = column.written if column.day.either else birth
            if code:
                found.append(
                    entries.make_entry(line, school, upn, column.day.day, column.half, code, None, fault, either=either, person=person)
                )
            elif not unknown and not column.fault:  # a cell without a mark is no mistake, whoever its line names
                found.append(Entry(line, school, entries.shown(upn).upper(), column.day.day, column.half, "-"))
        return found

    def _is_total(self, cells: Sequence[str]) -> bool:
        first = next(filter(None, cells)).rstrip(": ")
        upn = self._fields.cell(cells, "upn")
        return first.casefold() in self._totals and (not upn or upn.rstrip(": ") == first)


def _is_grid(titles: Sequence[str], mapping: Mapping) -> bool:
    """Return whether titles without a date among them name sessions."""
    if "date" in mapping.columns or "date" in columns_of(titles, mapping):
        return False
    return any(each.fault is None for each in _in_one_line([title.strip() for title in titles], mapping, typed=False))


def _in_one_line(headings: Sequence[str], mapping: Mapping, *, typed: bool) -> list[SessionColumn]:
    """Return the columns whose heading holds a date and a half of the day; one with a date alone holds no known session."""
    found = []
    for number, heading in enumerate(headings):
        rest, half = _half(heading, mapping)
        day = _day(rest, mapping, typed=typed) if rest else ReadDate("", Fault.DATE)
        if half and rest and any(each.isdigit() for each in rest):
            found.append(SessionColumn(number, day if not day.fault else ReadDate(rest, day.fault), rest, half, day.fault))
        elif not half and not day.fault:
            found.append(SessionColumn(number, day, rest, "", Fault.SESSION))
    return found


def _in_two_lines(dates: Sequence[str], halves: Sequence[str], mapping: Mapping, *, typed: bool) -> list[SessionColumn]:
    """Return the columns with a half of the day in the one line, below or beside a date in the other, which may stand over several columns."""
    found = []
    written = ""
    for number, (heading, name) in enumerate(zip(dates, halves, strict=True)):
        half = mapping.sessions.get(name.casefold())
        written = heading or (written if half else "")
        day = _day(written, mapping, typed=typed) if written else ReadDate("", Fault.DATE)
        if half:
            found.append(SessionColumn(number, day, written, half, day.fault))
        elif heading and not day.fault:
            found.append(SessionColumn(number, day, written, name, Fault.SESSION))
    return found


def _day(text: str, mapping: Mapping, *, typed: bool) -> ReadDate:
    return read_day(_WEEKDAY.sub("", text, count=1) if not mapping.date_format else text, mapping.date_format, typed=typed)


def _half(heading: str, mapping: Mapping) -> tuple[str, Half | None]:
    """Return a heading without the half of the day at its end or beginning, and which half that is."""
    heading = heading.strip(_EDGES)
    folded = heading.casefold()
    if len(folded) != len(heading):
        return heading, None
    for sent in sorted(mapping.sessions, key=len, reverse=True):
        name = sent.strip(_EDGES)
        if not name:
            continue
        if folded.endswith(name) and not folded[: -len(name)][-1:].isalnum():
            return heading[: -len(name)].strip(_EDGES), mapping.sessions[sent]
        if folded.startswith(name) and not folded[len(name) :][:1].isalnum():
            return heading[len(name) :].strip(_EDGES), mapping.sessions[sent]
    return heading, None
