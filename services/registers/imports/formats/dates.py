"""Dates as files write them: which day is meant. An instant with a zone means the day that it is in London, wherever the file was made."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.registers.imports.formats.entries import Fault
from shared import clock

EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_FIRST, _EXCEL_LAST = 38961, 73050
"""The days of 1 September 2006 and 31 December 2099 as a spreadsheet counts them."""
_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%Y%m%d")
_NUMBERS = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|(?<=/)[0-9]{2})")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WITH_TIME = re.compile(
    r"(?P<day>.+?)(?:T|\s)\s*(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<part>[0-9]+))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?(?![A-Za-z]))?\s*(?P<zone>\S.*)?"
)
_DAY_IN_ZONE = re.compile(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})")
_OFFSET = re.compile(r"(?:UTC|GMT)?\s?([+-])([0-9]{2}):?([0-9]{2})?")
_NAMED: dict[str, tzinfo] = {"Z": UTC, "UTC": UTC, "GMT": UTC, "BST": timezone(timedelta(hours=1))}
_LONGEST = 100
"""Characters; no text that is longer is a date."""


class ReadDate(NamedTuple):
    """The day that a text means, in the form of ISO, or why it means none.

    `either`: it may mean another day, should the file have the month before the day.
    """

    day: str
    fault: Fault | None = None
    either: bool = False


class _Parts(NamedTuple):
    """A date with, perhaps, a time of day and the name of a zone."""

    day: str
    moment: time | None = None
    zone: str = ""


def read_day(text: str, form: str | None = None, *, zone: str | None = None, typed: bool = False) -> ReadDate:
    """Return the day that a text means. Without a format: ISO, a spreadsheet's count of days, or the day before the month.

    A time after the date is left out, unless it has a zone, or `zone` names one: then the date in London at that moment is meant.
    `typed`: a spreadsheet may have taken the text for a date before it was stored, and the month for the day.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        return ReadDate(text, Fault.DATE)
    if form:
        found = _parsed(text, form)
        return ReadDate(found.isoformat()) if found else ReadDate(text, Fault.DATE)
    if text.isdecimal() and len(text) == 5:
        days = int(text)
        serial = EXCEL_EPOCH + timedelta(days) if _EXCEL_FIRST <= days <= _EXCEL_LAST else None
        return ReadDate(serial.isoformat()) if serial else ReadDate(text, Fault.DATE)
    parts = _split(text)
    found, fault, either = _civil(parts.day, typed=typed) if parts else (None, Fault.DATE, False)
    if parts is None or found is None:
        return ReadDate(text, fault)
    # A date without a time is no instant: it is the date, in whatever zone it was written.
    if parts.moment and (name := parts.zone or zone):
        where = _zone(name)
        found = clock.civil_date(datetime.combine(found, parts.moment, where)) if where else None
    return ReadDate(found.isoformat(), None, either) if found else ReadDate(text, Fault.DATE)


def read_date(text: str, form: str | None = None) -> date | None:
    """Return the date that a text means, as `read_day` does; None where it means none."""
    found = read_day(text, form)
    return None if found.fault else date.fromisoformat(found.day)


def read_instant(text: str, zone: str | None = None) -> str:
    """Return an instant in a form that sorts by time, taken as UTC where no zone is known; empty where it is none."""
    parts = _split(text.strip()[:_LONGEST])
    found = parts and _civil(parts.day)[0]
    where = parts and _zone(parts.zone or zone or "UTC")
    if parts is None or found is None or where is None:
        return ""
    return datetime.combine(found, parts.moment or time(), where).astimezone(UTC).isoformat(timespec="microseconds")


def _split(text: str) -> _Parts | None:
    """Return the parts of a text that holds a date; None where what follows the date is no time of day."""
    if day := _DAY_IN_ZONE.fullmatch(text):
        return _Parts(day["day"])
    found = _WITH_TIME.fullmatch(text)
    if found is None:
        return _Parts(text)
    hours, half = int(found["hour"]), found["half"]
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half[0] in "Pp" else 0)
    try:
        moment = time(hours, int(found["minute"]), int(found["second"] or 0), int((found["part"] or "0")[:6].ljust(6, "0")))
    except ValueError:
        return None
    return _Parts(found["day"].rstrip(" ,"), moment, found["zone"] or "")


def _civil(text: str, *, typed: bool = False) -> tuple[date | None, Fault | None, bool]:
    """Return the date that a text without a time means, or why there is none, and whether day and month may change places."""
    if numbers := _NUMBERS.fullmatch(text):
        first, second, year = int(numbers[1]), int(numbers[3]), numbers[4]
        full_year = int(year) + (0 if len(year) == 4 else 2000 if int(year) < 69 else 1900)
        if found := _date(full_year, second, first):
            return found, None, first <= 12 and first != second
        return None, Fault.MONTH_FIRST if _date(full_year, first, second) else Fault.DATE, False
    found = next((day for each in _FORMATS if (day := _parsed(text, each))), None)
    swaps = typed and found is not None and bool(_ISO.fullmatch(text)) and found.day <= 12 and found.day != found.month
    return found, None if found else Fault.DATE, swaps


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1900 <= year <= 2099 else None
    except ValueError:
        return None


def _parsed(text: str, form: str) -> date | None:
    try:
        found = datetime.strptime(text, form)  # noqa: DTZ007 -- a civil date has no zone
        day = clock.civil_date(found) if found.tzinfo else found.date()
    except (ValueError, OverflowError):
        return None
    return day if 1900 <= day.year <= 2099 else None


def _zone(name: str) -> tzinfo | None:
    """Return the zone of a name, an abbreviation that is used here, or an offset; None where it is none of these."""
    name = name.strip().strip("[]()")
    if found := _NAMED.get(name.upper()):
        return found
    if offset := _OFFSET.fullmatch(name):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes)) if minutes < 24 * 60 else None
    if "/" not in name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
