"""The sessions of every week in a form about leave: a part-time timetable."""

import re

from pydantic import JsonValue
from starlette.datastructures import FormData

from services.console.pages.forms import text_field, without_empty

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})")


def sessions_of_week(form: FormData) -> list[JsonValue] | None:
    """Return the days of the week that were filled in, each with its sessions and times; None where none was, so for every session."""
    days: list[JsonValue] = []
    for weekday in WEEKDAYS:
        sessions: list[JsonValue] = [str(each) for each in form.getlist(f"week-{weekday}")]
        times = {name: _time(text_field(form, f"week-{weekday}-{name}")) for name in ("from", "to")}
        if sessions or any(times.values()):
            days.append(without_empty(weekday=weekday, sessions=sessions, **times))
    return days or None


def _time(typed: str | None) -> str | None:
    """Return a time of day as the service takes it: 8.45 is 08:45. What is no time goes as it was typed, for the service to refuse."""
    found = _TIME.fullmatch(typed or "")
    return f"{int(found[1]):02}:{found[2]}" if found else typed
