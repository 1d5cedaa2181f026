"""Request and response bodies of the API."""

from datetime import date
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.thresholds.domain import counting
from services.thresholds.domain.judgement import Status
from services.thresholds.domain.reliance import LossReason
from services.thresholds.domain.sessions import Session
from services.thresholds.use_cases.standings import JudgedPeriod, PupilStanding
from shared.attendance.sessions import Half
from shared.contracts.event import Findings
from shared.http import LaCode, Urn


class Shown(BaseModel):
    """A response that is made from a row or a domain object."""

    model_config = ConfigDict(from_attributes=True)


class SessionOut(Shown):
    """One session."""

    date: date
    session: Half

    @classmethod
    def of(cls, session: Session, **more: object) -> Self:
        """Return a session, with the other fields of a subclass."""
        return cls(date=session.date, session=session.half, **more)


class PeriodOut(Shown):
    """First and last day, both included."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    start: date = Field(alias="from")
    end: date = Field(alias="to")


class MarkedSession(SessionOut):
    """A session with the mark that counts."""

    code: str
    urn: int
    version: int

    @classmethod
    def of_mark(cls, mark: counting.CountingSession, **more: object) -> Self:
        """Return a session that counts, with the other fields of a subclass."""
        return cls.of(mark.session, code=mark.code, urn=mark.urn, version=mark.version, **more)


class CountingSession(MarkedSession):
    """A counting session that is not spent; one that was set aside raises no alert, but a notice may rely on it with a reason."""

    set_aside: bool


class FlaggedMark(SessionOut):
    """A mark that is kept and does not count: outside the roll, on a session that was not held, or an absence on a day of granted leave."""

    urn: int
    code: str
    why: Literal["off-roll", "not-held", "leave-granted"]


class SchoolMark(Shown):
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

    @classmethod
    def of(cls, standing: PupilStanding, **more: object) -> Self:
        """Return where a pupil stands, with the other fields of a subclass."""
        judgement, crossing = standing.judgement, standing.judgement.crossing
        return cls(
            pupil_id=standing.pupil_id,
            upn=standing.upn,
            status=judgement.status,
            count=judgement.count,
            met_at=crossing and SessionOut.of(crossing.at.session),
            window=crossing and crossing.window,
            sessions=[MarkedSession.of_mark(each) for each in crossing.sessions] if crossing else [],
            holiday=judgement.holiday is not None,
            holiday_period=judgement.holiday,
            earliest_time_bar=judgement.earliest_time_bar,
            run_id=standing.run_id,
            **more,
        )


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
    findings: Findings

    @classmethod
    def of(cls, standing: PupilStanding, **more: object) -> Self:
        """Return a pupil's threshold."""
        judgement, crossing = standing.judgement, standing.judgement.crossing
        return super().of(
            standing,
            weeks=crossing.weeks if crossing else [],
            counts=crossing.counts if crossing else {},
            counting=[
                CountingSession.of_mark(each, set_aside=aside)
                for aside, sessions in ((True, judgement.set_aside), (False, judgement.counting))
                for each in sessions
            ],
            count_with_unresolved_n=standing.count_with_unresolved,
            policy=judgement.policy,
            flagged=[FlaggedMark.of(each.mark.session, urn=each.mark.urn, code=each.mark.code, why=each.why) for each in judgement.flagged],
            disagreements=[Disagreement.of(each.session, marks=each.marks) for each in judgement.disagreements],
            findings=[finding.as_json() for finding in judgement.findings],
            **more,
        )


class ArrivedMark(MarkedSession):
    """A mark as it has arrived, and the record of the child that it was sent under."""

    pupil_id: UUID


class LostSession(SessionOut):
    """A mark whose session cannot be the pupil's: off the school's roll, not held, outside compulsory school age, or a day of leave."""

    urn: int
    why: LossReason


class PublishedRun(Shown):
    """A run, and the revision at which it was last published."""

    run_id: UUID
    revision: int


class JudgedOut(BaseModel):
    """What has been judged of a pupil. Marks are those that may matter: absences without authority, former ones, amended ones."""

    pupil_id: UUID
    marks: list[ArrivedMark]
    set_aside: list[MarkedSession]
    """The counting sessions of the period that closed cases set aside and nothing has spent."""
    lost: list[LostSession]
    """Nothing may rely on these: as the roll and the calendars now stand."""
    runs: list[PublishedRun]

    @classmethod
    def of(cls, judged: JudgedPeriod) -> Self:
        """Return what has been judged of a period."""
        return cls(
            pupil_id=judged.pupil_id,
            marks=judged.marks,
            set_aside=[MarkedSession.of_mark(each) for each in judged.set_aside],
            lost=[LostSession.of(mark.session, urn=mark.urn, why=why) for mark, why in judged.lost],
            runs=judged.runs,
        )


class SentenceOut(Shown):
    """One sentence, and the law, guidance or policy it rests on; null where it is a fact alone."""

    text: str
    reference: str | None
    href: str | None


class ExplanationOut(Shown):
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


class RecomputationOut(Shown):
    """How many pupils were judged again, and how many of them now stand otherwise; `next` is null at the end."""

    judged: int
    changed: int
    next: UUID | None
