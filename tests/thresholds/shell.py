"""The rules with a shell in memory: every event is taken in and the pupil judged at once."""

from collections.abc import Iterable
from dataclasses import replace
from functools import singledispatchmethod
from typing import Any
from uuid import UUID

from services.thresholds.domain.facts import Mark, Policies, Schools, SchoolYear, Succession, bits
from services.thresholds.domain.pupils import Closure, NewMark, Pupil, judgement_of, record, rely, review
from services.thresholds.domain.reliance import MarkChange
from services.thresholds.domain.runs import RunStep
from services.thresholds.domain.sessions import Session, school_year_of
from services.thresholds.use_cases.facts import _roll
from services.thresholds.use_cases.reliance import _marks
from shared.contracts.event import Event
from shared.contracts.penalties import CaseClosed, NoticeIssued, NoticeWithdrawn
from shared.contracts.registers import CalendarChanged, RollChanged, SessionRecorded, SuccessionChanged
from shared.ids import new_id


class Shell:
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
        """What is known of schools."""
        continued = (Succession(told.school, each.urn, each.since) for told in self.successions.values() for each in told.predecessors)
        return Schools(self.years, tuple(continued))

    @property
    def judgement(self) -> dict[str, Any]:
        """Where the pupil stands."""
        return dict(judgement_of(self.pupil, self.schools, self.policies))

    def arrives(self, event: Event) -> None:
        """Take an event in, and judge."""
        self.arrive([event])

    def arrive(self, events: Iterable[Event]) -> None:
        """Take events in together, and judge."""
        for event in events:
            self.take(event)
        progress = review(self.pupil, self.schools, self.policies, new_id())
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
        key = event.school, school_year_of(event.date)
        known = self.years.get(key, SchoolYear())
        self.years[key] = replace(known, registers=known.registers | bits([session]))
        own = [each for each in event.marks if each.pupil_id == self.pupil.id]
        news = [NewMark(Mark(session, event.school, each.code, each.version), each.previous_code, each.dual) for each in own]
        self.pupil, _, changes = record(self.pupil, news)
        self.changes += changes

    @take.register
    def _(self, event: RollChanged) -> None:
        if self.pupil.roll is None or self.pupil.roll.revision < event.revision:
            self.pupil = self.pupil.enrolled(_roll(event))

    @take.register
    def _(self, event: CalendarChanged) -> None:
        key = event.school, int(event.year[:4])
        if self.revisions.get(key, 0) < event.revision:
            open_ = bits(Session(day.date, half) for day in event.open for half in day.sessions)
            self.years[key] = replace(self.years.get(key, SchoolYear()), calendar=open_)
            self.revisions[key] = event.revision

    @take.register
    def _(self, event: SuccessionChanged) -> None:
        known = self.successions.get(event.school)
        if known is None or known.revision < event.revision:
            self.successions[event.school] = event

    @take.register
    def _(self, event: NoticeIssued) -> None:
        known = self.pupil.reliance(event.notice_id, event.kind)
        self.pupil, changes = rely(self.pupil, replace(known, marks=_marks(event.sessions)))
        self.changes += changes

    @take.register
    def _(self, event: NoticeWithdrawn) -> None:
        known = self.pupil.reliance(event.notice_id, event.kind)
        self.pupil, _ = rely(self.pupil, replace(known, withdrawn_on=event.withdrawn_on, restores=event.restores))

    @take.register
    def _(self, event: CaseClosed) -> None:
        closure = Closure(event.case_id, event.run_id, event.closed_on, event.set_aside_to)
        if closure not in self.pupil.closures:
            self.pupil = replace(self.pupil, closures=(*self.pupil.closures, closure))
