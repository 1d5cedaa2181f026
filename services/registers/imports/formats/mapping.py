"""A mapping: which column of a school system's export means what, in TOML.

format = "csv"                # csv or xlsx; what the file itself shows, if left out
delimiter = ";"               # of CSV: what the first line shows, if left out
encoding = "cp1252"           # of CSV: UTF-8 if the bytes are, otherwise Windows' Latin-1
sheet = "Marks"               # of XLSX: the first, if left out
header_row = 1                # the line that names the columns
date_format = "%d/%m/%Y"      # ISO, or the day before the month, if left out
week_days = 5                 # of CTF: whether its marks leave weekends out (5) or not (7), where the marks themselves do not show it

[columns]                     # field = the column's title; what is left out is looked for under its common titles
upn = "UPN"
date = "Date"
session = "Session"           # with code; or, in place of both, am and pm, each a column of codes
code = "Mark"
minutes_late = "Mins"
urn = "URN"                   # or la_code and establishment_number; or the school is given for the whole file
admission_number = "Adno"     # in place of upn, or where that is empty; or surname, forename and date_of_birth

[grid]                        # one column for each session: its heading holds the date, and AM or PM
date_row = 1                  # the line with the dates; header_row, if left out
session_row = 2               # the line with AM and PM; header_row, if left out
totals = ["Class total"]      # what stands at the beginning of a line that is no pupil's, besides Total and the like

[sessions]                    # what stands for the halves of the day, besides AM and PM
AM = ["Morning", "1"]
PM = ["Afternoon", "2"]

[codes]                       # what the system writes = the code of the register
present = "/"
"""

import codecs
import re
import tomllib
from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Self, get_args

from services.registers.imports.domain import Format
from services.registers.imports.formats.entries import Unreadable
from shared.attendance.sessions import Half

FIELDS = (
    "upn", "date", "session", "code", "minutes_late", "urn", "la_code", "establishment_number", "am", "pm",
    "admission_number", "surname", "forename", "date_of_birth",
)  # fmt: skip

COMMON_TITLES: Table[str, tuple[str, ...]] = {
    "upn": ("upn", "unique pupil number", "pupil upn"),
    "date": ("date", "session date", "mark date", "attendance date"),
    "session": ("session", "am/pm", "ampm", "half", "period"),
    "code": ("code", "mark", "attendance code", "attendance mark", "session mark"),
    "minutes_late": ("minutes late", "mins late", "late minutes"),
    "urn": ("urn", "school urn"),
    "la_code": ("la code", "la", "lea", "local authority"),
    "establishment_number": ("establishment number", "estab", "dfe number", "establishment"),
    "am": ("am", "am mark", "am code", "morning"),
    "pm": ("pm", "pm mark", "pm code", "afternoon"),
    "admission_number": ("admission number", "admission no", "adm no", "adno", "admno", "adm number", "admission no."),
    "surname": ("surname", "last name", "family name", "legal surname"),
    "forename": ("forename", "first name", "given name", "legal forename"),
    "date_of_birth": ("date of birth", "dob", "birth date", "d.o.b."),
}

COMMON_SESSIONS: Table[str, Half] = {"am": "AM", "pm": "PM", "morning": "AM", "afternoon": "PM", "a.m.": "AM", "p.m.": "PM"}


_A_DAY = date(2026, 9, 14)
"""A day whose numbers differ."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The lines of a table with one column for each session that name the sessions; None: the line with the titles."""

    date_row: int | None = None
    session_row: int | None = None
    totals: frozenset[str] = frozenset()

    @classmethod
    def of(cls, date_row: int | None = None, session_row: int | None = None, totals: Sequence[str] = ()) -> Self:
        """Return what a mapping holds under `grid`."""
        return cls(date_row, session_row, frozenset(each.strip(": ").casefold() for each in totals))


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the columns of a file mean."""

    format: Format | None = None
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    header_row: int = 1
    date_format: str | None = None
    week_days: int | None = None
    columns: Table[str, str] = field(default_factory=dict)
    sessions: Table[str, Half] = field(default_factory=lambda: COMMON_SESSIONS)
    codes: Table[str, str] = field(default_factory=dict)
    grid: Grid | None = None

    @property
    def last_heading(self) -> int:
        """The last line above the marks."""
        return max(self.header_row, *((self.grid.date_row or 1, self.grid.session_row or 1) if self.grid else (1,)))


def titled(title: str) -> str:
    """Return a column's title in the form in which titles are compared."""
    return " ".join(title.replace("_", " ").split()).casefold()


def parse(text: str | None) -> Mapping:
    """Return the mapping that a TOML text holds; raise Unreadable, naming what is wrong."""
    if not text or not text.strip():
        return Mapping()
    try:
        sent = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Unreadable("The mapping is not TOML.") from error
    strange = set(sent) - set(_SHAPES)
    if strange:
        raise Unreadable(f"A mapping holds nothing but {', '.join(f'`{name}`' for name in _SHAPES)}.")
    for name, value in sent.items():
        if not _SHAPES[name](value):
            raise Unreadable(f"In the mapping, `{name}` is not what it should be.")
    sessions = dict(COMMON_SESSIONS)
    for half, names in sent.get("sessions", {}).items():
        sessions |= {each.strip().casefold(): half for each in names}
    return Mapping(
        **{name: sent[name] for name in sent if name not in {"columns", "sessions", "codes", "grid"}},
        columns={name: titled(title) for name, title in sent.get("columns", {}).items()},
        sessions=sessions,
        codes={name.strip().casefold(): code for name, code in sent.get("codes", {}).items()},
        grid=Grid.of(**sent["grid"]) if "grid" in sent else None,
    )


def _encoding(value: object) -> bool:
    try:
        return isinstance(value, str) and codecs.lookup(value)._is_text_encoding  # noqa: SLF001 -- how the codecs themselves know
    except (LookupError, ValueError):
        return False


def _date_format(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.strptime(_A_DAY.strftime(value), value).date() == _A_DAY  # noqa: DTZ007 -- a civil date
    except (ValueError, re.error):
        return False


def _texts(value: object, names: tuple[str, ...] | None = None) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) and (names is None or name in names) for name, each in value.items())


def _lists(value: object) -> bool:
    return isinstance(value, dict) and all(
        half in {"AM", "PM"} and isinstance(names, list) and all(isinstance(each, str) for each in names) for half, names in value.items()
    )


def _row(value: object) -> bool:
    return type(value) is int and 1 <= value <= 100


def _grid(value: object) -> bool:
    return isinstance(value, dict) and all(
        _row(each)
        if name in {"date_row", "session_row"}
        else name == "totals" and isinstance(each, list) and all(isinstance(one, str) for one in each)
        for name, each in value.items()
    )


LONGEST_SHEET_NAME = 255
"""Characters; spreadsheets stop at 31, other programs later."""
_SHAPES = {
    "format": lambda value: isinstance(value, str) and value in get_args(Format),
    "delimiter": lambda value: isinstance(value, str) and len(value) == 1 and value not in '"\r\n',
    "encoding": _encoding,
    "sheet": lambda value: isinstance(value, str) and len(value) <= LONGEST_SHEET_NAME and "\x00" not in value,
    "header_row": _row,
    "date_format": _date_format,
    "week_days": lambda value: type(value) is int and value in {5, 7},
    "columns": lambda value: _texts(value, FIELDS),
    "sessions": _lists,
    "codes": _texts,
    "grid": _grid,
}
