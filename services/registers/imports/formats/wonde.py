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
`session`, `marks` or `data`, or be the whole file (a list); a file may also be a list of pages, each an answer of the API. A record may hold
`upn`, `code` and `urn` (or `la_code` and `establishment_number`) in place of ids; `student`, `school` and `attendance_code` may be an id or
the object itself; a date may have a time, and a zone, or be `{"date": …, "timezone": …}`. Other keys are skipped.
A record without a code (null) is no mark. Of several records for one session of a pupil the one with the newest `updated_at` counts.
A deletion of a record in the same file keeps that record out. A deletion of any other mark is refused: a register deletes nothing.
"""

from collections.abc import Generator
from collections.abc import Mapping as Table
from functools import lru_cache, partial
from typing import IO

from services.registers.imports.formats.cells import text
from services.registers.imports.formats.dates import ReadDate, read_day, read_instant
from services.registers.imports.formats.entries import (
    Entry,
    Fault,
    Options,
    Person,
    Unreadable,
    as_urn,
    laestab,
    make_entry,
    read_minutes,
)
from services.registers.imports.formats.mapping import Mapping
from services.registers.imports.formats.records import Record, records

_MARKS = frozenset({"", "data", "sessions", "session", "attendance", "attendance_sessions", "marks"})
_CODES = frozenset({"attendance_codes", "codes"})
_COLLECTIONS = (_MARKS - {""}) | _CODES | {"students", "deletions"}
_KEPT = 500_000
"""Students, codes, pages and deletions that one file may have."""
_MORE = "The file says that there is more than is in it: it is a page of a longer answer. Send the other pages too."


def read(file: IO[bytes], mapping: Mapping, options: Options) -> Generator[Entry, None, None]:
    """Yield the entries of a file, record by record; `line` counts the records of attendance, then the deletions."""
    collections = _Collections(mapping, options)
    for record in records(file, _COLLECTIONS):
        collections.note(record)
    if not collections.names & (_MARKS | {"deletions"}):
        raise Unreadable("The file holds no sessions.")
    if collections.has_more:
        options.warnings.append(_MORE)
    line = 0
    found: set[str] = set()
    for record in records(file, _COLLECTIONS):
        if _named(record.collection) in _MARKS:
            line += 1
            entry = collections.entry(record, line)
            if (own := _id(record.value)) and own in collections.deleted:
                found.add(own)
                entry = entry._replace(code="-", fault=None, note=None) if entry.fault is None else entry
            yield entry
    for own, deletion in collections.deleted.items():
        if own not in found:
            line += 1
            yield make_entry(line, collections.school(0), "", text(deletion.get("deleted_at", "")), "", own, None, Fault.DELETION)


class _Collections:
    """What stands in a file beside its attendance."""

    def __init__(self, mapping: Mapping, options: Options) -> None:
        self._mapping = mapping
        self._default = options.school
        self._schools: dict[int, str] = {}
        self.names: set[str] = set()
        self.students: dict[str, tuple[str, Person, str]] = {}
        self.codes: dict[str, str] = {}
        self.deleted: dict[str, Table[str, object]] = {}
        self._day = lru_cache(10_000)(partial(read_day, form=mapping.date_format))
        self._pages: set[tuple[str, int]] = set()
        self._next: dict[str, set[int]] = {}

    @property
    def has_more(self) -> bool:
        """Whether a page in the file names a next one which is not in it."""
        return any((name, page) not in self._pages for name, pages in self._next.items() for page in pages)

    def school(self, page: int) -> str:
        """Return the school of the records of a page that name none."""
        return self._schools.get(page, self._default)

    def note(self, record: Record) -> None:
        """Remember a record that others refer to."""
        name, value = _named(record.collection), record.value
        self.names.add(name)
        if not isinstance(value, dict):
            return
        if name == "school":
            if school := _school(value):
                self._schools[record.page] = school
        elif name == "students":
            self.students[_id(value)] = self._pupil(value)
        elif name in _CODES:
            self.codes[_id(value)] = text(value.get("code"))
        elif name == "deletions" and "attendance" in text(value.get("type", "attendance")).casefold():
            self.deleted[_id(value)] = value
        elif name.endswith("meta"):
            self._note_page(name, value)
        if max(len(self.students), len(self.codes), len(self.deleted), len(self._schools), len(self._pages)) > _KEPT:
            raise Unreadable("The file has more students, codes, pages or deletions than a school can have.")

    def _note_page(self, name: str, meta: Table[str, object]) -> None:
        """Note which page of an answer this is, and which one follows."""
        pagination = meta.get("pagination")
        if not isinstance(pagination, dict):
            return
        written = pagination.get("current_page")
        page = written if isinstance(written, int) else len(self._pages)
        self._pages.add((name, page))
        more = pagination.get("more")
        if more is True or (more is None and pagination.get("next")):
            self._next.setdefault(name, set()).add(page + 1)

    def entry(self, record: Record, line: int) -> Entry:
        """Return the entry of one record of attendance."""
        value = record.value
        if not isinstance(value, dict):
            return make_entry(line, self.school(record.page), "", "", "", "", None, Fault.SHAPE)
        upn, person, birth, fault = self._student(value)
        code, other = self._code(value)
        written, day = self._read_day(value.get("date"))
        session = text(value.get("session"))
        half = self._mapping.sessions.get(session.casefold())
        school = self.school(record.page)
        if named := _written_school(value):
            school = _school(value) or ""
            fault = fault or (None if school else Fault.SCHOOL)
        return make_entry(
            line,
            school or named,
            upn,
            day.day,
            half or session,
            code,
            read_minutes(text(value.get("minutes_late"))),
            fault or other or day.fault or (None if half else Fault.SESSION),
            either=written if day.either else birth,
            person=person,
            changed=_instant(value.get("updated_at")) or _instant(value.get("created_at")),
        )

    def _read_day(self, value: object) -> tuple[str, ReadDate]:
        zone = text(value.get("timezone")) if isinstance(value, dict) else ""
        written = text(value.get("date") if isinstance(value, dict) else value)
        return written, self._day(written, zone=zone or None)

    def _pupil(self, student: Table[str, object]) -> tuple[str, Person, str]:
        """Return the UPN of a student, the names by which one without is found, and the date of birth as written if it may be another."""
        inner = student.get("education_details")
        inner = inner.get("data", inner) if isinstance(inner, dict) else None
        details = inner if isinstance(inner, dict) else {}
        upn, number = (text(student.get(name)) or text(details.get(name)) for name in ("upn", "admission_number"))
        written, born = self._read_day(student.get("date_of_birth"))
        person = Person(number, text(student.get("surname")), text(student.get("forename")), "" if born.fault else born.day)
        return upn, person, written if born.either and not upn else ""

    def _student(self, record: Table[str, object]) -> tuple[str, Person | None, str, Fault | None]:
        if upn := text(record.get("upn")):
            return upn, None, "", None
        student = record.get("student_id", record.get("student"))
        named: list[tuple[str, Person, str]] = []
        if isinstance(student, dict) and isinstance(student := student.get("data", student), dict):
            named, student = [self._pupil(student)], student.get("id")
        named += filter(None, [self.students.get(key) if (key := text(student)) else None])
        if upn := next((each[0] for each in named if each[0]), ""):
            return upn, None, "", None
        person, birth = next(((person, birth) for _, person, birth in named if person.is_enough), (None, ""))
        return "", person, birth, None if person else Fault.NO_STUDENT

    def _code(self, record: Table[str, object]) -> tuple[str, Fault | None]:
        """Return the code of a record; empty, without a fault, where the record has none."""
        for name in ("code", "attendance_code_id", "attendance_code"):
            if name in record and (found := record[name]) is not None:
                break
        else:
            return "", None if record.keys() & {"code", "attendance_code_id", "attendance_code"} else Fault.NO_CODE
        if isinstance(found, dict):
            inner = found.get("data", found)
            found = inner.get("code") if isinstance(inner, dict) else None
            if found is None and not (inner is None or (isinstance(inner, dict) and "code" in inner)):
                return "", Fault.NO_CODE
        elif name != "code":
            if text(found) not in self.codes:
                return "", Fault.NO_CODE
            found = self.codes[text(found)]
        written = text(found)
        return self._mapping.codes.get(written.casefold(), written), None


def _named(collection: str) -> str:
    return collection.replace("-", "_").casefold()


def _id(record: object) -> str:
    return text(record.get("id")) if isinstance(record, dict) else ""


def _instant(value: object) -> str:
    if isinstance(value, dict):
        return read_instant(text(value.get("date")), text(value.get("timezone")) or None)
    return read_instant(text(value))


def _written_school(record: Table[str, object]) -> str:
    """Return the school that a record of attendance names, as it is written; empty where it names none."""
    if urn := text(record.get("urn", record.get("school_urn"))):
        return urn
    school = record.get("school")
    if isinstance(school, dict) and _school(school):
        return text(_school(school))
    numbers = text(record.get("la_code")), text(record.get("establishment_number"))
    return "/".join(filter(None, numbers))


def _school(record: Table[str, object]) -> str | None:
    """Return the school that an object names, by URN or by its authority's and its own number; None where it names none."""
    inner = record.get("data", record)
    if isinstance(inner, dict) and not inner.keys() & {"urn", "school_urn", "la_code", "establishment_number"}:
        inner = inner.get("school", inner)
        inner = inner.get("data", inner) if isinstance(inner, dict) else inner
    if not isinstance(inner, dict):
        return None
    if urn := as_urn(text(inner.get("urn", inner.get("school_urn")))):
        return urn
    return laestab(text(inner.get("la_code")), text(inner.get("establishment_number")))
