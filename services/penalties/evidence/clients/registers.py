"""The marks of an offence period and after it, asked of registers."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import takewhile
from typing import Any

from services.penalties.evidence.domain import MarkKey, RegisterMark, mark_key
from shared.attendance.register_codes import codes_on
from shared.http import ServiceClient
from shared.problems import NotFound

REGISTERS = ServiceClient("registers")
OUTSIDE = {"not-held", "off-roll"}
"""Flags of a mark outside the school's sessions or the pupil's roll."""


async def marks_of(upn: str, first: date, last: date) -> Mapping[MarkKey, RegisterMark]:
    """Return a pupil's marks in a period as the register has them now, on every record of the child. Raises Unavailable."""
    try:
        found = await REGISTERS.get(f"/v1/pupils/{upn}/marks", **{"from": first.isoformat(), "to": last.isoformat()})
    except NotFound:
        return {}
    return {mark_key(mark): _register_mark(mark) for mark in found["items"]}


def _register_mark(mark: Mapping[str, Any]) -> RegisterMark:
    # A later version with the same code says other minutes alone: it is evidence, but nobody is told and nothing is judged by it.
    versions, code = mark["versions"], mark["versions"][-1]["code"]
    version = min(each["version"] for each in takewhile(lambda each: each["code"] == code, reversed(versions)))
    return RegisterMark(code, version, on_roll="off-roll" not in mark.get("flags", ()))


async def attended_after(upn: str, slot: tuple[date, str], until: date) -> date | None:
    """Return the day of the pupil's first attending mark after a session, null where there is none. Raises Unavailable."""
    try:
        found = await REGISTERS.get(f"/v1/pupils/{upn}/marks", **{"from": slot[0].isoformat(), "to": until.isoformat()})
    except NotFound:
        return None
    slots = ((date.fromisoformat(mark["date"]), mark["session"]) for mark in _attending(found["items"]))
    return min((later[0] for later in slots if later > slot), default=None)


def _attending(marks: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    # A mark that only contradicts its register's times counts as it stands, until the school amends it.
    return [mark for mark in marks if _category(mark) == "attending" and not OUTSIDE & set(mark.get("flags", ()))]


def _category(mark: Mapping[str, Any]) -> str | None:
    code = codes_on(date.fromisoformat(mark["date"])).get(mark["code"])
    return code.category if code else None
