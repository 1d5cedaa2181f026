"""What penalties asks of registers: names, and the marks of an offence period and after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import Any
from uuid import UUID

from services.penalties.domain.evidence import Held, Place, place_of
from shared.attendance.register_codes import codes_on
from shared.http import ServiceClient
from shared.problems import NotFound, Problem

REGISTERS = ServiceClient("registers")

OUTSIDE = {"not-held", "off-roll"}
"""Flags of a mark outside the school's sessions or the pupil's roll."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person's name and how they stand to the pupil."""

    forename: str
    surname: str
    relationship: str | None = None

    @property
    def name(self) -> str:
        """Return the name as it is read."""
        return f"{self.forename} {self.surname}"


async def names(pupil_id: UUID) -> Mapping[UUID, Person]:
    """Return the names of a pupil and their parents by id; empty where registers cannot say: a case is shown without them."""
    try:
        found = await REGISTERS.get(f"/v1/people/{pupil_id}")
    except Problem:
        return {}
    return {
        UUID(str(person["id"])): Person(person["forename"], person["surname"], person.get("relationship"))
        for person in (found["pupil"], *found["parents"])
    }


async def marks_of(upn: str, first: date, last: date) -> Mapping[Place, Held]:
    """Return a pupil's marks in a period as the register has them now, on every record of the child. Raises Unavailable."""
    try:
        found = await REGISTERS.get(f"/v1/pupils/{upn}/marks", **{"from": first.isoformat(), "to": last.isoformat()})
    except NotFound:
        return {}
    return {place_of(mark): _held(mark) for mark in found["items"]}


def _held(mark: Mapping[str, Any]) -> Held:
    # A later version with the same code says other minutes alone: it is evidence, but nobody is told and nothing is judged by it.
    versions, code = mark["versions"], mark["versions"][-1]["code"]
    version = min(each["version"] for each in takewhile(lambda each: each["code"] == code, reversed(versions)))
    return Held(code, version, on_roll="off-roll" not in mark.get("flags", ()))


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
