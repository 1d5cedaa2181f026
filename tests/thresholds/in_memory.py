"""The service in memory: the rules without a database, judging the pupil after every event."""

from collections.abc import Iterable
from dataclasses import replace
from functools import singledispatchmethod
from uuid import UUID

from services.thresholds.domain.facts import Mark, Policies, Schools, SchoolYear, Succession, bits
from services.thresholds.domain.judgement import Judgement
from services.thresholds.domain.pupils import ClosedCase, NewMark, Pupil, full_judgement, judge_pupil, record_marks, record_reliance
from services.thresholds.domain.reliance import MarkChange
from services.thresholds.domain.runs import RunStep
from services.thresholds.domain.sessions import Session
from services.thresholds.use_cases.reliances import marks_relied_on
from services.thresholds.use_cases.rolls import roll_of
from shared.attendance.dates import school_year_start
from shared.contracts.event import Event
from shared.contracts.penalties import CaseClosed, NoticeIssued, NoticeWithdrawn
from shared.contracts.registers import CalendarChanged, RollChanged, SessionRecorded, SuccessionChanged
from shared.ids import new_id


class InMemoryThresholds:
    """One pupil, and what schools held."""

    def __init__(self, pupil: UUID, policies: Policies) -> None:
        self.pupil = Pupil(pupil)
        self.years: dict[tuple[int, int], SchoolYear] = {}
        self.revisions: dict[tuple[int, int], int] = {}
        self.successions: dict[int, SuccessionChanged] = {}
        self.policies = policies
        self.steps: list[RunStep] = []
        self.changes: list[MarkChange] = []

    @property
    def schools(self) -> Schools:
        """The schools, as stored so far."""
        continued = (Succession(event.school, each.urn, each.since) for event in self.successions.values() for each in event.predecessors)
        return Schools(self.years, tuple(continued))

    @property
    def judgement(self) -> Judgement:
        """Where the pupil stands."""
        return full_judgement(self.pupil, self.schools, self.policies)

    def arrives(self, event: Event) -> None:
        """Take an event in, and judge."""
        self.arrive([event])

    def arrive(self, events: Iterable[Event]) -> None:
        """Take events in together, and judge."""
        for event in events:
            self.take(event)
        progress = judge_pupil(self.pupil, self.schools, self.policies, new_id())
        if progress:
            self.steps += progress.steps
            self.pupil = replace(self.pupil, standing=progress.standing)

    @singledispatchmethod
    def take(self, event: Event) -> None:
        """Take in one kind of event."""
        raise NotImplementedError(event)

    @take.register
    def _(self, event: SessionRecorded) -> None:
        session = Session(event.date, event.session)
        key = event.school, school_year_start(event.date)
        before = self.years.get(key, SchoolYear())
        self.years[key] = replace(before, registers=before.registers | bits([session]))
        own = [each for each in event.marks if each.pupil_id == self.pupil.id]
        news = [NewMark(Mark(session, event.school, each.code, each.version), each.previous_code, each.dual) for each in own]
        self.pupil, _, changes = record_marks(self.pupil, news)
        self.changes += changes

    @take.register
    def _(self, event: RollChanged) -> None:
        if self.pupil.roll is None or self.pupil.roll.revision < event.revision:
            self.pupil = replace(self.pupil, roll=roll_of(event))

    @take.register
    def _(self, event: CalendarChanged) -> None:
        key = event.school, int(event.year[:4])
        if self.revisions.get(key, 0) < event.revision:
            open_ = bits(Session(day.date, half) for day in event.open for half in day.sessions)
            self.years[key] = replace(self.years.get(key, SchoolYear()), calendar=open_)
            self.revisions[key] = event.revision

    @take.register
    def _(self, event: SuccessionChanged) -> None:
        before = self.successions.get(event.school)
        if before is None or before.revision < event.revision:
            self.successions[event.school] = event

    @take.register
    def _(self, event: NoticeIssued) -> None:
        before = self.pupil.reliance(event.notice_id, event.kind)
        self.pupil, changes = record_reliance(self.pupil, replace(before, marks=marks_relied_on(event.sessions)))
        self.changes += changes

    @take.register
    def _(self, event: NoticeWithdrawn) -> None:
        before = self.pupil.reliance(event.notice_id, event.kind)
        self.pupil, _ = record_reliance(self.pupil, replace(before, withdrawn_on=event.withdrawn_on, restores=event.restores))

    @take.register
    def _(self, event: CaseClosed) -> None:
        closure = ClosedCase(event.case_id, event.run_id, event.closed_on, event.set_aside_to)
        if closure not in self.pupil.closed_cases:
            self.pupil = replace(self.pupil, closed_cases=(*self.pupil.closed_cases, closure))
