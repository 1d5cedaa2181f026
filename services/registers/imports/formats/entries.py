"""The marks of a file, one by one: entries that may become marks, and faults that cannot."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from shared.sentences import CodeWithSentence


class Unreadable(Exception):  # noqa: N818 -- an answer to whoever sent the file
    """The file as a whole cannot be read; the message is a sentence for whoever sent it, and repeats nothing of the file."""


class Fault(CodeWithSentence):
    """Why a line cannot even be quarantined: it names no pupil, school or session that a mark could belong to."""

    DATE = "bad-date", "The date cannot be read."
    SESSION = "bad-session", "The session is neither AM nor PM."
    UPN = "bad-upn", "There is no UPN, or it cannot be one."
    CODE = "bad-code", "The code cannot be one."
    MINUTES = "bad-minutes", "The minutes late are not a number from 0 to 720."
    SCHOOL = "bad-school", "The school's number is neither a URN nor an authority's and an establishment's number."
    NO_SCHOOL = "no-school", "No school is named here, and none was given for the file."
    UNKNOWN_SCHOOL = "unknown-school", "This school is not known."
    SEVERAL_SCHOOLS = (
        "several-schools",
        "Several known schools have this authority's and establishment's number; name the school by its URN.",
    )
    OTHER_SCHOOL = "other-school", "The marks of this school are not for this token to send; its authority can."
    NO_START = "no-start-date", "The marks have no start date."
    WEEKENDS = "weekends-unclear", "It cannot be told whether these marks include weekends; say so with week_days in a mapping."
    TOO_LONG = "too-many-marks", "There are more marks here than two school years hold."
    NO_STUDENT = "unknown-student", "The file has no student with this id, or not their UPN."
    NO_CODE = "unknown-code-id", "The file has no attendance code with this id."
    SHAPE = "bad-shape", "This is not shaped like a mark."
    DELETION = "deletion", "A mark that a register holds is never taken away; amend it, with a reason."


class Entry(NamedTuple):
    """One mark of a file; `school` is a URN or "881/4021"; with a fault, the parts as they were written."""

    line: int
    school: str
    upn: str
    day: str
    half: str
    code: str
    minutes: int | None = None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What was sent with a file: the school of lines that name none."""

    urn: int | None = None

    @property
    def school(self) -> str:
        """The school of lines that name none; empty where none was given."""
        return str(self.urn) if self.urn else ""


EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_FIRST, _EXCEL_LAST = 38961, 73050
"""The days of 1 September 2006 and 31 December 2099 as a spreadsheet counts them."""
_FORMATS = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%Y/%m/%d",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%d/%m/%y",
    "%d-%b-%y",
    "%Y%m%d",
)


def read_date(text: str, form: str | None = None) -> date | None:
    """Return the date that a text holds; None where it holds none. Without a format: ISO, or day before month as is written here.

    A spreadsheet's count of days is taken as one; a time after the date is left out.
    """
    text = text.strip()
    if form:
        return _parsed(text, form)
    if text.isdecimal() and len(text) == 5:
        days = int(text)
        return EXCEL_EPOCH + timedelta(days) if _EXCEL_FIRST <= days <= _EXCEL_LAST else None
    for separator in ("T", " "):
        head, _, tail = text.partition(separator)
        if ":" in tail:
            text = head
    return next((day for each in _FORMATS if (day := _parsed(text, each))), None)


def iso_date(text: str, form: str | None = None) -> str | None:
    """Return the date that a text holds, as `read_date` does, in the form of ISO."""
    found = read_date(text, form)
    return found.isoformat() if found else None


def _parsed(text: str, form: str) -> date | None:
    try:
        found = datetime.strptime(text, form).date()  # noqa: DTZ007 -- a civil date has no zone
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2099 else None


def read_minutes(text: str) -> int | Fault | None:
    """Return the minutes late, None where there are none, or the fault."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) <= 720 else Fault.MINUTES


def laestab(la_code: str, establishment: str) -> str | None:
    """Return a school as "881/4021"; None where the numbers cannot be those of a school."""
    la_code, establishment = la_code.strip(), establishment.strip()
    if not (la_code.isascii() and la_code.isdecimal() and establishment.isascii() and establishment.isdecimal()):
        return None
    if len(la_code) != 3 or len(establishment) > 4:
        return None
    return f"{la_code}/{establishment.zfill(4)}"


def as_urn(text: str) -> str | None:
    """Return a URN in its own form; None where it cannot be one."""
    text = text.strip()
    return text if len(text) == 6 and text.isascii() and text.isdecimal() and text[0] != "0" else None


def make_entry(
    line: int, school: str, upn: str, day: str, half: str, code: str, minutes: int | None = None, fault: Fault | None = None
) -> Entry:
    """Return an entry, or one with the fault that keeps it from being a mark (its text made fit for a report)."""
    upn, code = upn.strip().upper(), code.strip()
    if fault is None:
        if not school:
            fault = Fault.NO_SCHOOL
        elif not upn or len(upn) > 50 or not upn.isprintable():
            fault = Fault.UPN
        elif len(code) > 20 or not code.isprintable():
            fault = Fault.CODE
        else:
            return Entry(line, school, upn, day, half, code or "-", minutes)
    return Entry(line, shown(school), shown(upn), shown(day), shown(half), shown(code), minutes, fault)


def shown(text: str) -> str:
    """Return a text as a report may show it: short, and with nothing in it that does not print."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text[:100])
