"""JSON shaped like Wonde's API: students, attendance codes, sessions and deletions, in one file.

{
  "school":           {"urn": 100101},                                        may be left out where the school is given for the file
  "students":         {"data": [{"id": "A1", "upn": "…"}]},                   or education_details.data.upn, as Wonde includes it
  "attendance_codes": {"data": [{"id": "C1", "code": "O"}]},
  "sessions":         {"data": [{"id": "S1", "date": "2026-10-07", "session": "AM", "student_id": "A1", "attendance_code_id": "C1",
                                 "minutes_late": 5}]},
  "deletions":        {"data": [{"id": "S0", "type": "attendance"}]}
}

Every collection may be a list by itself in place of `{"data": …}`. `sessions` may also be called `attendance`, `attendance_sessions`,
`session`, `marks` or `data`, or be the whole file (a list). A record may hold `upn`, `code` and `urn` in place of ids; `student` and
`attendance_code` may be an id or the object itself; a date may have a time or be `{"date": …}`. Other keys are skipped.
A deletion of a record in the same file keeps that record out. A deletion of any other mark is refused: a register deletes nothing.
"""

from collections.abc import Generator
from collections.abc import Mapping as Table
from functools import lru_cache, partial
from typing import IO

from services.registers.imports.formats.cells import text
from services.registers.imports.formats.entries import Entry, Fault, Options, Unreadable, as_urn, iso_date, make_entry, read_minutes
from services.registers.imports.formats.mapping import Mapping
from services.registers.imports.formats.records import records

_MARKS = frozenset({"", "data", "sessions", "session", "attendance", "attendance_sessions", "marks"})
_CODES = frozenset({"attendance_codes", "codes"})
_KEPT = 500_000
"""Students, codes and deletions that one file may have."""


def read(file: IO[bytes], mapping: Mapping, options: Options) -> Generator[Entry, None, None]:
    """Yield the entries of a file, record by record; `line` counts the records of attendance, then the deletions."""
    collections = _Collections(mapping, options)
    for collection, record in records(file):
        collections.note(_named(collection), record)
    line = 0
    found: set[str] = set()
    for collection, record in records(file):
        if _named(collection) in _MARKS:
            line += 1
            entry = collections.entry(record, line)
            if (own := _id(record)) in collections.deleted:
                found.add(own)
                entry = entry._replace(code="-", fault=None) if entry.fault is None else entry
            yield entry
    if not collections.names & (_MARKS | {"deletions"}):
        raise Unreadable("The file holds no sessions.")
    for own, record in collections.deleted.items():
        if own not in found:
            line += 1
            yield make_entry(line, collections.school, "", text(record.get("deleted_at", "")), "", own, None, Fault.DELETION)


class _Collections:
    """What stands in a file beside its attendance."""

    def __init__(self, mapping: Mapping, options: Options) -> None:
        self._mapping = mapping
        self.school = options.school
        self.names: set[str] = set()
        self.upns: dict[str, str] = {}
        self.codes: dict[str, str] = {}
        self.deleted: dict[str, Table[str, object]] = {}
        self._day = lru_cache(10_000)(partial(iso_date, form=mapping.date_format))

    def note(self, collection: str, record: object) -> None:
        """Remember a record that others refer to."""
        self.names.add(collection)
        if not isinstance(record, dict):
            return
        if collection == "school":
            inner = record.get("data", record)
            self.school = as_urn(text(inner.get("urn"))) or self.school if isinstance(inner, dict) else self.school
        elif collection == "students":
            self.upns[_id(record)] = _upn(record)
        elif collection in _CODES:
            self.codes[_id(record)] = text(record.get("code"))
        elif collection == "deletions" and "attendance" in text(record.get("type", "attendance")).casefold():
            self.deleted[_id(record)] = record
        if max(len(self.upns), len(self.codes), len(self.deleted)) > _KEPT:
            raise Unreadable("The file has more students, codes or deletions than a school can have.")

    def entry(self, record: object, line: int) -> Entry:
        """Return the entry of one record of attendance."""
        if not isinstance(record, dict):
            return make_entry(line, self.school, "", "", "", "", None, Fault.SHAPE)
        upn, fault = self._student(record)
        code, other = self._code(record)
        written = record.get("date")
        written = text(written.get("date") if isinstance(written, dict) else written)
        day = self._day(written)
        session = text(record.get("session"))
        half = self._mapping.sessions.get(session.casefold())
        minutes = read_minutes(text(record.get("minutes_late")))
        school = self.school
        if urn := text(record.get("urn", record.get("school_urn"))):
            school = as_urn(urn) or ""
            fault = fault or (None if school else Fault.SCHOOL)
        fault = fault or other or (None if day else Fault.DATE) or (None if half else Fault.SESSION)
        if isinstance(minutes, Fault):
            fault, minutes = fault or minutes, None
        return make_entry(line, school, upn, day or written, half or session, code, minutes, fault)

    def _student(self, record: Table[str, object]) -> tuple[str, Fault | None]:
        if upn := text(record.get("upn")):
            return upn, None
        student = record.get("student_id", record.get("student"))
        if isinstance(student, dict):
            student = student.get("data", student)
            if isinstance(student, dict):
                if upn := _upn(student):
                    return upn, None
                student = student.get("id")
        upn = self.upns.get(text(student), "")
        return upn, None if upn else Fault.NO_STUDENT

    def _code(self, record: Table[str, object]) -> tuple[str, Fault | None]:
        code = record.get("code")
        if code is None:
            code = record.get("attendance_code_id", record.get("attendance_code"))
            if isinstance(code, dict):
                inner = code.get("data", code)
                code = inner.get("code") if isinstance(inner, dict) else None
            elif code is not None:
                code = self.codes.get(text(code))
        if code is None:
            return "", Fault.NO_CODE
        written = text(code)
        return self._mapping.codes.get(written.casefold(), written), None


def _named(collection: str) -> str:
    return collection.replace("-", "_").casefold()


def _id(record: object) -> str:
    return text(record.get("id")) if isinstance(record, dict) else ""


def _upn(student: Table[str, object]) -> str:
    if upn := text(student.get("upn")):
        return upn
    details = student.get("education_details")
    details = details.get("data", details) if isinstance(details, dict) else None
    return text(details.get("upn")) if isinstance(details, dict) else ""
