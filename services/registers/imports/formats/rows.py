"""Rows of a table, whether from CSV or a spreadsheet: which column is which, and what a row holds."""

from collections.abc import Callable, Generator, Iterable, Sequence
from collections.abc import Mapping as Table
from functools import lru_cache, partial
from typing import Protocol

from services.registers.imports.formats import dates, entries
from services.registers.imports.formats.entries import Entry, Fault, Options, Person, Unreadable
from services.registers.imports.formats.mapping import COMMON_TITLES, FIELDS, Mapping, titled

PUPIL = ("upn", "admission_number", "surname", "forename", "date_of_birth")
NAMING = (*PUPIL, "urn", "la_code", "establishment_number")
"""Fields of a row that name the pupil and the school, whatever else it holds."""


class Reader(Protocol):
    """Reads the rows of one table."""

    def read(self, row: Sequence[str], line: int) -> list[Entry]:
        """Return the entries of one row; none for an empty row."""


Headings = Table[int, Sequence[str]]
"""The lines above the first row of marks that the mapping names, by their number."""


def read_rows(rows: Iterable[tuple[int, Sequence[str]]], last: int, reader: Callable[[Headings], Reader]) -> Generator[Entry, None, None]:
    """Yield the entries of a table's rows, each with its line; the marks begin after the row with the number `last`."""
    headings: dict[int, Sequence[str]] = {}
    table: Reader | None = None
    for number, (line, row) in enumerate(rows, start=1):
        if table is not None:
            yield from table.read(row, line)
        else:
            headings[number] = row
            if number == last:
                table = reader(headings)
    if table is None:
        raise Unreadable("There is no line with the titles of the columns.")


class NamingFields:
    """Where a row names its pupil and its school."""

    def __init__(self, columns: Table[str, int], mapping: Mapping, options: Options, *, typed: bool) -> None:
        self._at = {name: columns[name] for name in NAMING if name in columns}
        # A file holds the same few dates and schools over and over.
        self.day = lru_cache(10_000)(partial(dates.read_day, form=mapping.date_format, typed=typed))
        self._school = lru_cache(100_000)(partial(_school, default=options.school))

    def cell(self, cells: Sequence[str], name: str) -> str:
        """Return what a row holds in a field; empty where it is too short or the table has no such column."""
        at = self._at.get(name)
        return cells[at] if at is not None and at < len(cells) else ""

    def school(self, cells: Sequence[str]) -> tuple[str, Fault | None]:
        """Return the school that a row names, or what it wrote and what is wrong with it."""
        return self._school(*(self.cell(cells, name) for name in ("urn", "la_code", "establishment_number")))

    def person(self, cells: Sequence[str]) -> tuple[Person | None, str, Fault | None]:
        """Return how a row without a UPN names its pupil, the date of birth as written if it may mean another day, and whether it is month first."""
        number, surname, forename, written = (self.cell(cells, name) for name in PUPIL[1:])
        if self.cell(cells, "upn") or not (number or surname):
            return None, "", None
        born = self.day(written) if written else dates.ReadDate("")
        wrong = born.fault if born.fault is Fault.MONTH_FIRST else None
        return Person(number, surname, forename, "" if born.fault else born.day), written if born.either else "", wrong


class Rows:
    """Reads the rows of a table that names the session of a mark in the row. Raises Unreadable where a needed column is missing."""

    def __init__(self, titles: Sequence[str], mapping: Mapping, options: Options, *, typed: bool = False) -> None:
        columns = columns_of(titles, mapping)
        _check(columns)
        self._width = max(columns.values()) + 1
        # The cell after the last one that matters is always empty: it stands for columns that are not there.
        at = {name: columns.get(name, self._width) for name in FIELDS}
        self._date, self._minutes, self._code = at["date"], at["minutes_late"], at["code"]
        self._session = columns.get("session")
        self._halves = [(half, columns[half.lower()]) for half in ("AM", "PM") if half.lower() in columns]
        self._fields = NamingFields(columns, mapping, options, typed=typed)
        self._as_half = lru_cache(1000)(lambda written: mapping.sessions.get(written.casefold()))
        self._as_code = lru_cache(1000)(lambda written: mapping.codes.get(written.casefold(), written))
        self._as_minutes = lru_cache(1000)(entries.read_minutes)

    def read(self, row: Sequence[str], line: int) -> list[Entry]:
        """Return the entries of one row: one entry, or one for the morning and one for the afternoon; none for an empty row."""
        cells = [cell.strip() for cell in row[: self._width]]
        if not any(cells):
            return []
        cells += [""] * (self._width + 1 - len(cells))
        if self._session is not None:
            half = self._as_half(cells[self._session])
            return [self._entry(line, cells, half or cells[self._session], cells[self._code], None if half else Fault.SESSION)]
        return [self._entry(line, cells, half, cells[column], None) for half, column in self._halves]

    def _entry(self, line: int, cells: list[str], half: str, code: str, fault: Fault | None) -> Entry:
        naming = self._fields
        written = cells[self._date]
        day = naming.day(written)
        school, unknown = naming.school(cells)
        person, birth, wrong_birth = naming.person(cells)
        return entries.make_entry(
            line,
            school,
            naming.cell(cells, "upn"),
            day.day,
            half,
            self._as_code(code),
            self._as_minutes(cells[self._minutes]),
            fault or unknown or day.fault or wrong_birth,
            either=written if day.either else birth,
            person=person,
        )


def _school(urn: str, la_code: str, establishment: str, default: str) -> tuple[str, Fault | None]:
    """Return the school that a row names, or what it wrote and what is wrong with it."""
    if urn:
        found = entries.as_urn(urn)
    elif la_code or establishment:
        # Many systems give both numbers in one: 8814021 or 881/4021.
        digits = (la_code + establishment).replace("/", "").replace(" ", "")
        found = entries.laestab(digits[:3], digits[3:])
    else:
        return default, None if default else Fault.NO_SCHOOL
    return (found, None) if found else ("/".join(filter(None, (urn, la_code, establishment))), Fault.SCHOOL)


def columns_of(titles: Sequence[str], mapping: Mapping) -> dict[str, int]:
    """Return the numbers of the columns by field: by the titles that the mapping gives, or by common ones."""
    numbers = {titled(title): number for number, title in reversed(list(enumerate(titles)))}
    found: dict[str, int] = {}
    for name, titles_of in COMMON_TITLES.items():
        if name in mapping.columns:
            if mapping.columns[name] not in numbers:
                raise Unreadable(f"There is no column with the title that the mapping gives for `{name}`.")
            found[name] = numbers[mapping.columns[name]]
        elif not _chosen(name, mapping):
            found |= next(({name: numbers[title]} for title in titles_of if title in numbers), {})
    return found


def names_pupils(columns: Table[str, int]) -> bool:
    """Return whether a table's columns can name a pupil: by UPN, by admission number, or by names and date of birth."""
    return "upn" in columns or "admission_number" in columns or columns.keys() >= {"surname", "forename", "date_of_birth"}


def _chosen(name: str, mapping: Mapping) -> bool:
    """Return whether the mapping gives the sessions in the other way, so that common titles do not matter."""
    if name in {"am", "pm"}:
        return not mapping.columns.keys().isdisjoint({"session", "code"})
    return name in {"session", "code"} and not mapping.columns.keys().isdisjoint({"am", "pm"})


def _check(found: dict[str, int]) -> None:
    missing = [] if names_pupils(found) else ["upn` (or `admission_number`, or `surname`, `forename` and `date_of_birth"]
    if "date" not in found:
        missing.append("date")
    if found.keys() >= {"session", "code"}:
        unused: tuple[str, ...] = ("am", "pm")
    elif found.keys() & {"am", "pm"}:
        unused = ("session", "code")
    else:
        unused = ()
        missing.append("session` and `code` (or `am` and `pm")
    if missing:
        raise Unreadable(f"There is no column for `{'`, `'.join(missing)}`; a mapping can say which it is.")
    for name in unused:
        found.pop(name, None)
