"""Rows of a table, whether from CSV or a spreadsheet: which column is which, and what a row holds."""

from collections.abc import Sequence
from functools import lru_cache, partial

from services.registers.imports.formats import entries
from services.registers.imports.formats.entries import Entry, Fault, Options, Unreadable
from services.registers.imports.formats.mapping import COMMON_TITLES, FIELDS, Mapping, titled


class Rows:
    """Reads the rows of one table under its titles. Raises Unreadable where a needed column is missing."""

    def __init__(self, titles: Sequence[str], mapping: Mapping, options: Options) -> None:
        columns = _columns(titles, mapping)
        self._width = max(columns.values()) + 1
        # The cell after the last one that matters is always empty: it stands for columns that are not there.
        at = {name: columns.get(name, self._width) for name in FIELDS}
        self._upn, self._date, self._minutes = at["upn"], at["date"], at["minutes_late"]
        self._urn, self._la_code, self._establishment = at["urn"], at["la_code"], at["establishment_number"]
        self._session, self._code = columns.get("session"), at["code"]
        self._halves = [(half, columns[half.lower()]) for half in ("AM", "PM") if half.lower() in columns]
        # A file holds the same few dates, sessions, schools and codes over and over.
        self._as_date = lru_cache(10_000)(partial(entries.iso_date, form=mapping.date_format))
        self._as_school = lru_cache(100_000)(partial(_school, default=options.school))
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
        written = cells[self._date]
        day = self._as_date(written)
        minutes = self._as_minutes(cells[self._minutes])
        school, unknown = self._as_school(cells[self._urn], cells[self._la_code], cells[self._establishment])
        fault = fault or unknown or (None if day else Fault.DATE)
        if isinstance(minutes, Fault):
            fault, minutes = fault or minutes, None
        return entries.make_entry(line, school, cells[self._upn], day or written, half, self._as_code(code), minutes, fault)


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


def _columns(titles: Sequence[str], mapping: Mapping) -> dict[str, int]:
    numbers = {titled(title): number for number, title in reversed(list(enumerate(titles)))}
    found: dict[str, int] = {}
    for name, titles_of in COMMON_TITLES.items():
        if name in mapping.columns:
            if mapping.columns[name] not in numbers:
                raise Unreadable(f"There is no column with the title that the mapping gives for `{name}`.")
            found[name] = numbers[mapping.columns[name]]
        elif not _chosen(name, mapping):
            found |= next(({name: numbers[title]} for title in titles_of if title in numbers), {})
    _check(found)
    return found


def _chosen(name: str, mapping: Mapping) -> bool:
    """Return whether the mapping gives the sessions in the other way, so that common titles do not matter."""
    if name in {"am", "pm"}:
        return not mapping.columns.keys().isdisjoint({"session", "code"})
    return name in {"session", "code"} and not mapping.columns.keys().isdisjoint({"am", "pm"})


def _check(found: dict[str, int]) -> None:
    missing = [name for name in ("upn", "date") if name not in found]
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
