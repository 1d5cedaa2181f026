"""What `registers` publishes: marks, rolls, calendars, parents, reasons that were never given, leave."""

from base64 import b64decode
from datetime import date
from typing import ClassVar, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from shared.attendance.sessions import Half
from shared.contracts.event import Event, Part


class RecordedMark(Part):
    """A mark that changed: `version` counts from 1 per (pupil, school, date, session)."""

    pupil_id: UUID
    code: str
    previous_code: str | None = None
    version: int
    dual: bool = False
    """The pupil was on another school's roll as well that day: whoever weighs two schools' marks keeps this one, whether or not
    the roll has reached it yet (marks and rolls have different keys, so either may come first)."""
    covered_by_leave: bool = False
    """The school granted leave for the day, and this is another mark: it counts for nothing until a person of the school confirms or amends
    it, or the leave is withdrawn. The mark is then published again, with the same version and a later `revision`."""


class SessionRecorded(Event):
    """A register, or a part of one, was stored; only the marks that changed, at most 1,000.

    `revision` grows with every event about this school; `marks` may repeat marks already published (same versions)
    where a roll has made an overlap. An event with a mark makes its week one with a stored mark of that school.
    """

    topic, name, key_field = "registers", "session-recorded", "school"

    school: int
    la_code: str
    date: date
    session: Half
    revision: int
    marks: tuple[RecordedMark, ...]


class SessionRecordedV2(Event):
    """A register, or a part of one, of first marks alone: each of `version` 1, of a pupil on no other roll, and against no leave.

    It is what version 1 with the same marks is, in a third of its bytes; any other register is still of version 1, so a reader takes both.
    A reader of amended marks has no use for this one. Published where every reader is known to take it (`ATTENDANCE_COMPACT_REGISTERS`).
    """

    topic, name, key_field = "registers", "session-recorded", "school"
    contract_version: ClassVar[int] = 2

    school: int
    la_code: str
    date: date
    session: Half
    revision: int
    pupils: str
    """The ids of 1 to 1,000 pupils, sixteen bytes each, together in base64 (RFC 4648, section 4)."""
    codes: str
    """Their codes in the same order, with commas between."""

    @model_validator(mode="after")
    def _has_a_code_for_each_pupil(self) -> Self:
        if len(b64decode(self.pupils, validate=True)) != PUPIL_BYTES * len(self.codes.split(",")):
            raise ValueError("there must be a code for each pupil")
        return self

    @property
    def marks(self) -> tuple[RecordedMark, ...]:
        """The marks as version 1 has them."""
        packed = b64decode(self.pupils)
        ids = [UUID(bytes=packed[start : start + PUPIL_BYTES]) for start in range(0, len(packed), PUPIL_BYTES)]
        return tuple(RecordedMark(pupil_id=each, code=code, version=1) for each, code in zip(ids, self.codes.split(","), strict=True))


PUPIL_BYTES = 16
"""Bytes of a pupil's id in the compact form of a register."""


class RollSpell(Part):
    """One stay on a school's roll: first and last day on it (`left_on` null: still there)."""

    urn: int
    la_code: str
    admitted_on: date
    left_on: date | None = None


class RollChanged(Event):
    """A pupil's rolls and compulsory school age as they now stand.

    Without the roll of a school that claims the pupil by a UPN whose surname or date of birth does not fit, until an officer confirms it.
    `former_upns`: the pupil's other UPNs: a request with one of them means this pupil.
    `asserted_upns`: those of `upn` and `former_upns` that another pupil has, whom whoever recorded them does not reach: with one of them who reaches
    both means the other one, until officers decide.
    `same_as`: an officer decided that this is another record of that one's child: both, and every other record that names it, are judged as one
    child, under that id, as long as it is named. What is recorded goes on under its own id.
    """

    topic, name, key_field = "registers", "roll-changed", "pupil_id"

    pupil_id: UUID
    upn: str
    compulsory_from: date
    compulsory_to: date
    rolls: tuple[RollSpell, ...]
    revision: int
    former_upns: tuple[str, ...] = ()
    same_as: UUID | None = None
    asserted_upns: tuple[str, ...] = ()


class OpenDay(Part):
    """A date on which a school holds sessions, and which."""

    date: date
    sessions: tuple[Half, ...]


class CalendarChanged(Event):
    """A school's sessions of one school year (`year` such as "2026-27") as they now stand."""

    topic, name, key_field = "registers", "calendar-changed", "school"

    school: int
    la_code: str
    year: str
    open: tuple[OpenDay, ...]
    revision: int


class Predecessor(Part):
    """A school that another one continues under its own URN, since which day."""

    urn: int
    since: date


class SuccessionChanged(Event):
    """Which schools a school continues (an academy conversion, an amalgamation), as it now stands: what was theirs is its own."""

    topic, name, key_field = "registers", "succession-changed", "school"

    school: int
    predecessors: tuple[Predecessor, ...]
    revision: int


class PupilParent(Part):
    """One person as a parent of one pupil, as one school knows them.

    `open_match`: a likely match with another person awaits an officer; no notice may be issued to them until then.
    `formerly`: other ids under which the same person was known until an officer confirmed a match; what was issued to those
    was issued to this person. `liability_basis`: what the school's system sent as making them a parent, without what shows it.
    """

    parent_id: UUID
    urn: int
    relationship: str | None = None
    lives_with_pupil: bool | None = None
    open_match: bool = False
    liability_basis: Literal["natural-parent", "parental-responsibility", "care"] | None = None
    formerly: tuple[UUID, ...] = ()


class ParentChanged(Event):
    """A pupil's parents as they now stand (of all schools)."""

    topic, name, key_field = "registers", "parent-changed", "pupil_id"

    pupil_id: UUID
    parents: tuple[PupilParent, ...]
    revision: int


class ReasonOverdue(Event):
    """A mark is still N although the last school day for its reason has passed (SI 2024/208 reg. 10(7) to (9)).

    Published once for each time that the mark became N; nothing is converted: entering it as O is the school's duty.
    `revision` is the mark's version. With `overdue` false the day has not passed after all: the date by which that was judged was wrong, or
    the school's days were. Of two events of one `revision` the one with the higher `judged` holds.
    """

    topic, name, key_field = "registers", "reason-overdue", "pupil_id"

    pupil_id: UUID
    school: int
    la_code: str
    due_on: date
    date: date
    session: Half
    revision: int
    overdue: bool = True
    judged: int = 1


class LeaveDecided(Event):
    """A school granted leave of absence under a code, or refused it (SI 2024/208 reg. 11); `late`: when it had begun already.

    Every parent named gets a letter. No mark is written by it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, serialize_by_alias=True)

    topic, name, key_field = "registers", "leave-decided", "pupil_id"

    leave_id: UUID
    pupil_id: UUID
    parent_ids: tuple[UUID, ...]
    urn: int
    la_code: str
    outcome: Literal["granted", "refused"]
    code: Literal["C", "C1", "C2"] | None = None
    start: date = Field(alias="from")
    end: date = Field(alias="to")
    decided_on: date
    late: bool = False
