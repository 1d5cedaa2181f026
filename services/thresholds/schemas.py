"""What the API takes and gives."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.attendance.sessions import Half
from shared.http import LaCode, Urn

Status = Literal["below", "approaching", "met"]


class SessionOut(BaseModel):
    """One session."""

    date: date
    session: Half


class PeriodOut(BaseModel):
    """First and last day, both included."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    start: date = Field(alias="from")
    end: date = Field(alias="to")


class MarkedSession(SessionOut):
    """A session with the mark that counts."""

    code: str
    urn: int
    version: int


class CountingSession(MarkedSession):
    """A counting session that is not spent; one that was set aside raises no alert, but a notice may rely on it with a reason."""

    set_aside: bool


class FlaggedMark(SessionOut):
    """A mark that is kept and does not count: outside the roll, or on a session that the calendar says was not held."""

    urn: int
    code: str
    why: Literal["off-roll", "not-held"]


class SchoolMark(BaseModel):
    """One school's mark."""

    urn: int
    code: str


class Disagreement(SessionOut):
    """Two schools' marks for one session of which not all count: it does not count until a person has looked."""

    marks: list[SchoolMark]


class StandingOut(BaseModel):
    """Where a pupil stands. Below and approaching: no `met_at`, `window` or `sessions`."""

    pupil_id: UUID
    upn: str
    status: Status
    count: int
    met_at: SessionOut | None
    window: PeriodOut | None
    sessions: list[MarkedSession]
    holiday: bool
    holiday_period: PeriodOut | None
    earliest_time_bar: date | None
    run_id: UUID | None


class ThresholdOut(StandingOut):
    """A pupil's threshold, with everything that explains it."""

    weeks: list[date]
    counts: dict[str, int]
    counting: list[CountingSession]
    count_with_unresolved_n: int | None
    """The count as if every N past its fifth school day were O; null where there is none. Nothing is converted."""
    policy: str | None
    flagged: list[FlaggedMark]
    disagreements: list[Disagreement]
    findings: list[dict[str, Any]]


class JudgedMark(MarkedSession):
    """A mark as it was judged."""

    model_config = ConfigDict(from_attributes=True)

    version: int


class ArrivedMark(JudgedMark):
    """A mark as it has arrived, and the record of the child that it was sent under."""

    pupil_id: UUID


class LostSession(BaseModel):
    """A mark whose session is none of the pupil's: off the school's roll, not held, or outside compulsory school age."""

    date: date
    session: Half
    urn: int
    why: Literal["off-roll", "not-held", "not-of-age"]


class SaidRun(BaseModel):
    """A run, and the revision at which it was last said."""

    model_config = ConfigDict(from_attributes=True)

    run_id: UUID
    revision: int


class JudgedOut(BaseModel):
    """What has been judged of a pupil. Marks are those that may matter: absences without authority, former ones, amended ones."""

    pupil_id: UUID
    marks: list[ArrivedMark]
    set_aside: list[JudgedMark]
    """The counting sessions of the period that closed cases set aside and nothing has spent."""
    lost: list[LostSession]
    """Nothing may rest on these: as the roll and the calendars now stand."""
    runs: list[SaidRun]


class SentenceOut(BaseModel):
    """One sentence, and the law, guidance or policy it rests on; null where it is a fact alone."""

    model_config = ConfigDict(from_attributes=True)

    text: str
    reference: str | None
    href: str | None


class ExplanationOut(BaseModel):
    """A pupil's threshold in sentences that a parent can follow, in the order in which they are read."""

    pupil_id: UUID
    upn: str
    status: Status
    sentences: list[SentenceOut]


class RecomputationIn(BaseModel):
    """Whose thresholds to judge again: everybody's, a school's or an authority's; `after` goes on where an answer stopped."""

    model_config = ConfigDict(extra="forbid")

    urn: Urn | None = None
    la: LaCode | None = None
    after: UUID | None = None


class RecomputationOut(BaseModel):
    """How many pupils were judged again, and how many of them now stand otherwise; `next` is null at the end."""

    judged: int
    changed: int
    next: UUID | None
