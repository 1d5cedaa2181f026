"""Rows of a table, whether from CSV or a spreadsheet: which column is which, and what a row says."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from services.registers.use_cases.imports.formats.entries import (
    Entry,
    Fault,
    Options,
    Unreadable,
    as_urn,
    checked,
    laestab,
    read_date,
    read_minutes,
)
from services.registers.use_cases.imports.formats.mapping import USUAL_TITLES, Mapping, titled


class Rows:
    """Reads the rows of one table under its titles. Raises Unreadable where a needed column is missing."""

    def __init__(self, titles: Sequence[object], mapping: Mapping, options: Options) -> None:
        self._mapping, self._default = mapping, options.school
        self._columns = _columns([text(title) for title in titles], mapping)
        # A file says the same few dates, sessions and schools over and over.
        self._days: dict[str, str | None] = {}
        self._schools: dict[tuple[str, str, str], str | Fault] = {}

    def read(self, row: Sequence[object], line: int) -> Iterator[Entry]:
        """Yield what one row says: one entry, or one for the morning and one for the afternoon."""
        cells = {name: text(row[at]) if at < len(row) else "" for name, at in self._columns.items()}
        if not any(cells.values()):
            return
        if "session" in cells:
            half: str | None = self._mapping.sessions.get(cells["session"].casefold())
            yield self._entry(cells, line, half or cells["session"], cells["code"], None if half else Fault.SESSION)
            return
        for half in ("AM", "PM"):
            if half.lower() in cells:
                yield self._entry(cells, line, half, cells[half.lower()], None)

    def _entry(self, cells: dict[str, str], line: int, half: str, code: str, fault: Fault | None) -> Entry:
        written = cells["date"]
        if written not in self._days:
            found = read_date(written, self._mapping.date_format)
            if len(self._days) < 10000:
                self._days[written] = found.isoformat() if found else None
            day = found.isoformat() if found else None
        else:
            day = self._days[written]
        minutes = read_minutes(cells.get("minutes_late", ""))
        school = self._school(cells)
        if fault is None:
            if isinstance(school, Fault):
                fault = school
            elif day is None:
                fault = Fault.DATE
            elif isinstance(minutes, Fault):
                fault = minutes
        named = "/".join(filter(None, (cells.get("urn"), cells.get("la_code"), cells.get("establishment_number"))))
        return checked(
            Entry(
                line,
                named if isinstance(school, Fault) else school,
                cells["upn"],
                day or written,
                half,
                self._mapping.codes.get(code.casefold(), code),
                None if isinstance(minutes, Fault) else minutes,
                fault,
            )
        )

    def _school(self, cells: dict[str, str]) -> str | Fault:
        key = cells.get("urn", ""), cells.get("la_code", ""), cells.get("establishment_number", "")
        if key not in self._schools:
            if len(self._schools) > 100_000:
                self._schools.clear()
            self._schools[key] = self._find_school(*key)
        return self._schools[key]

    def _find_school(self, urn: str, la_code: str, establishment: str) -> str | Fault:
        if urn:
            return as_urn(urn) or Fault.SCHOOL
        if la_code or establishment:
            # Many systems give both numbers in one: 8814021 or 881/4021.
            digits = (la_code + establishment).replace("/", "").replace(" ", "")
            return laestab(digits[:3], digits[3:]) or Fault.SCHOOL
        return self._default or Fault.NO_SCHOOL


def text(value: object) -> str:
    """Return a cell as text: whole numbers without their point, dates as ISO."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _columns(titles: Sequence[str], mapping: Mapping) -> dict[str, int]:
    places = {titled(title): place for place, title in reversed(list(enumerate(titles)))}
    found: dict[str, int] = {}
    for name, usual in USUAL_TITLES.items():
        if name in mapping.columns:
            if mapping.columns[name] not in places:
                raise Unreadable(f"There is no column with the title that the mapping gives for `{name}`.")
            found[name] = places[mapping.columns[name]]
        elif not _chosen(name, mapping):
            found |= next(({name: places[title]} for title in usual if title in places), {})
    _check(found)
    return found


def _chosen(name: str, mapping: Mapping) -> bool:
    """Tell whether the mapping says the sessions in the other way, so that usual titles do not matter."""
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
