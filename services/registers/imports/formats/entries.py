"""The marks of a file, one by one: entries that may become marks, and faults that cannot."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from shared.attendance.sessions import Half
from shared.sentences import CodeWithSentence


class Unreadable(Exception):  # noqa: N818 -- an answer to whoever sent the file
    """The file as a whole cannot be read; the message is a sentence for whoever sent it, and repeats nothing of the file."""


class Fault(CodeWithSentence):
    """What is wrong with a line: why it is no mark of a pupil, school and session, or what of it was left out."""

    DATE = "bad-date", "The date cannot be read."
    MONTH_FIRST = (
        "month-first",
        'The month seems to stand before the day here. Say in which order they stand with date_format in a mapping, such as "%m/%d/%Y".',
    )
    EITHER_DATE = (
        "either-date",
        'Another line of the file has the month first, so this date may be one of two. Say which with date_format in a mapping, such as "%d/%m/%Y".',
    )
    SESSION = "bad-session", "The session is neither AM nor PM."
    UPN = "bad-upn", "There is no UPN, or it cannot be one."
    CODE = "bad-code", "The code cannot be one."
    MINUTES = "bad-minutes", "The minutes late are no whole number from 0 to 720: the mark is stored without them."
    NO_PUPIL = "unknown-pupil", "No pupil of this school has this admission number, or these names and this date of birth."
    SEVERAL_PUPILS = "several-pupils", "Several pupils of this school may be meant; name the pupil by UPN."
    OTHER_PUPIL = "other-pupil", "The admission number is one pupil's, and the names or the date of birth are not."
    SCHOOL = "bad-school", "The school's number is neither a URN nor an authority's and an establishment's number."
    NO_SCHOOL = "no-school", "No school is named here, and none was given for the file."
    UNKNOWN_SCHOOL = "unknown-school", "This school is not known yet."
    NO_SCHOOL_THEN = "no-school-then", "No known school had this authority's and establishment's number on this day."
    SEVERAL_SCHOOLS = (
        "several-schools",
        "Several known schools have this authority's and establishment's number; name the school by its URN.",
    )
    OTHER_SCHOOL = "other-school", "The marks of this school are not for this token to send; its authority can."
    NO_START = "no-start-date", "The marks have no start date."
    WEEKENDS = "weekends-unclear", "It cannot be told whether these marks include weekends; say so with week_days in a mapping."
    CLOSED_DAYS = (
        "closed-days",
        "With weekends or without, some of these marks fall on days without a session in the school's calendar; say which with week_days in a mapping.",
    )
    TOO_LONG = "too-many-marks", "There are more marks here than two school years hold."
    NO_STUDENT = "unknown-student", "The file has no student with this id, or not their UPN."
    NO_CODE = "unknown-code-id", "The file has no attendance code with this id."
    SHAPE = "bad-shape", "This is not shaped like a mark."
    DELETION = "deletion", "A mark that a register holds is never taken away; amend it, with a reason."


class Person(NamedTuple):
    """How a line without a UPN names its pupil, as far as it does; `born` in the form of ISO."""

    admission_number: str = ""
    surname: str = ""
    forename: str = ""
    born: str = ""

    @property
    def is_enough(self) -> bool:
        """Return whether a pupil of a school can be found by this."""
        return bool(self.admission_number or (self.surname and self.forename and self.born))

    @property
    def shown(self) -> str:
        """The pupil as a report names one."""
        return self.admission_number or f"{self.surname}, {self.forename}"


class Entry(NamedTuple):
    """One mark of a file; `school` is a URN or "881/4021"; with a fault, the parts as they were written.

    `note`: what of the line is left out although the mark is stored. `either`: the date as written, where day and month may change places.
    `person`: the pupil, where there is no UPN. `changed`: when the source changed the record last; of several for one mark the newest counts.
    """

    line: int
    school: str
    upn: str
    day: str
    half: str
    code: str
    minutes: int | None = None
    fault: Fault | None = None
    note: Fault | None = None
    either: str = ""
    person: Person | None = None
    changed: str = ""


OpenDays = Mapping[date, tuple[Half, ...]]
"""The days of a school's year on which it holds sessions, and which."""


class CalendarNeeded(NamedTuple):
    """A reader asks for a school's calendar of one school year; it goes on when `Options.calendars` has the answer."""

    school: str
    year: str


@dataclass(frozen=True, slots=True)
class Options:
    """What was sent with a file, the school of lines that name none, and what is known and found while it is read.

    `calendars`: answers to what a reader asks for, None where the school has sent none; None: nothing is asked.
    `readings`: whether the marks of each block have weekends among them (7), or not (5), or it is not clear (?): found by the calendars at
    the first reading, and kept, so that the file is read alike again. `warnings`: sentences about the file as a whole.
    """

    urn: int | None = None
    calendars: dict[CalendarNeeded, OpenDays | None] | None = None
    readings: str | None = None
    found: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def school(self) -> str:
        """The school of lines that name none; empty where none was given."""
        return str(self.urn) if self.urn else ""


_MINUTES = re.compile(r"([0-9]{1,3})(?:\.0+|,0{1,2})?\s*(?:m|min|mins|minute|minutes)?\.?", re.IGNORECASE)
_HOURS = re.compile(r"0?([0-5]):([0-5][0-9])(?::00)?")
"""A duration, as spreadsheets write one. From six hours on it is a time of day: nobody comes so late to a session."""
MOST_MINUTES = 720


def read_minutes(text: str) -> int | Fault | None:
    """Return the minutes late, None where there are none, or the fault where the text is no whole number of minutes."""
    text = text.strip()
    if not text:
        return None
    if hours := _HOURS.fullmatch(text):
        return int(hours[1]) * 60 + int(hours[2])
    minutes = _MINUTES.fullmatch(text)
    return int(minutes[1]) if minutes and int(minutes[1]) <= MOST_MINUTES else Fault.MINUTES


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
    line: int,
    school: str,
    upn: str,
    day: str,
    half: str,
    code: str,
    minutes: int | Fault | None = None,
    fault: Fault | None = None,
    *,
    either: str = "",
    person: Person | None = None,
    changed: str = "",
) -> Entry:
    """Return an entry, or one with the fault that keeps it from being a mark (its text made fit for a report)."""
    upn, code = upn.strip().upper(), code.strip()
    named = person if not upn and person and person.is_enough else None
    if fault is None:
        if not school:
            fault = Fault.NO_SCHOOL
        elif not (_printable(*named) if named else upn and len(upn) <= 50 and upn.isprintable()):
            fault = Fault.UPN
        elif len(code) > 20 or not code.isprintable():
            fault = Fault.CODE
        else:
            note, late = (minutes, None) if isinstance(minutes, Fault) else (None, minutes)
            return Entry(line, school, upn, day, half, code or "-", late, None, note, either, named, changed)
    return Entry(line, shown(school), shown(upn or (named.shown if named else "")), shown(day), shown(half), shown(code), None, fault)


def _printable(*texts: str) -> bool:
    return all(each.isprintable() and len(each) <= 200 for each in texts)


def shown(text: str) -> str:
    """Return a text as a report may show it: short, and with nothing in it that does not print."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text[:100])
