"""A pupil as the threshold sees one: every fact that has arrived, in whatever order, and what follows from them together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.thresholds.domain.counting import CountingSession
from services.thresholds.domain.facts import (
    History,
    Mark,
    MarkKey,
    Policies,
    Schools,
    SchoolYears,
    SetAside,
    Spell,
    not_held,
    unauthorised_codes,
)
from services.thresholds.domain.judgement import NOTHING_COUNTS, Judgement, judge, judge_with_set_aside, set_aside
from services.thresholds.domain.reliance import (
    NO_MARK,
    Kind,
    LossReason,
    MarkChange,
    Reliance,
    change_by_leave,
    change_by_mark,
    changes_by_reliance,
    spent,
)
from services.thresholds.domain.runs import EarlierRun, Progress, Standing, advance_run, end_of_run
from services.thresholds.domain.sessions import Session, Span
from services.thresholds.domain.weeks import SchoolWeeksOf


@dataclass(frozen=True, slots=True)
class Roll:
    """A pupil's stays on rolls and compulsory school age, as `registers` last published them."""

    revision: int
    compulsory: Span
    spells: tuple[Spell, ...]

    def loss_of(self, mark: Mark, years: SchoolYears) -> LossReason | None:
        """Return why the session of a mark cannot be the pupil's; None where it can."""
        day = mark.session.date
        if not any(spell.urn == mark.urn and spell.touches(day, day) for spell in self.spells):
            return "off-roll"
        if not_held(years, mark):
            return "not-held"
        return None if self.compulsory.contains(day) else "not-of-age"


class NewMark(NamedTuple):
    """A mark as a register event holds it; `dual`: the pupil was on another school's roll as well that day."""

    mark: Mark
    previous_code: str | None = None
    dual: bool = False

    @property
    def matters(self) -> bool:
        """Return whether the mark may ever matter, so that it is stored.

        It may if it is, or was, an absence without authority, if it was amended, or if another school may have marked the session too.
        """
        absent = unauthorised_codes(self.mark.session.date)
        return self.dual or self.mark.version > 1 or self.mark.code in absent or self.previous_code in absent


@dataclass(frozen=True, slots=True)
class ClosedCase:
    """A case that was closed: it ends its run, and sets aside the sessions up to a day where no notice or charge came of it.

    `kept`: those among them that the runs of the child's other open cases held; None while the runs have not come back from an old copy.
    """

    case_id: UUID
    run_id: UUID
    closed_on: date
    set_aside_to: date | None = None
    kept: frozenset[Session] | None = frozenset()

    def sets_aside(self, session: Session) -> bool:
        """Return whether this case set a session aside."""
        return SetAside(self.set_aside_to, self.kept or frozenset()).covers(session)


@dataclass(frozen=True, slots=True)
class Pupil:
    """The facts about one pupil. The pupil is locked by whoever changes them."""

    id: UUID
    roll: Roll | None = None
    """None until the roll has arrived; nothing is judged before that."""
    marks: Mapping[MarkKey, Mark] = field(default_factory=dict)
    reliances: tuple[Reliance, ...] = ()
    closed_cases: tuple[ClosedCase, ...] = ()
    standing: Standing = field(default_factory=Standing)

    @property
    def spent(self) -> frozenset[Session]:
        """The sessions behind penalty notices and charges."""
        return spent(self.reliances)

    @property
    def aside(self) -> SetAside:
        """What closed cases set aside."""
        return aside_of(self.closed_cases)

    @property
    def closed_runs(self) -> frozenset[UUID]:
        """The runs whose cases were closed."""
        return frozenset(each.run_id for each in self.closed_cases)

    def with_records(self, others: Sequence["Pupil"]) -> "Pupil":
        """Return the child with the facts of the other records too, as though all of them had been sent under one.

        Where a school marked a session on several records, a mark that is no absence without authority prevails.
        """
        marks: dict[MarkKey, Mark] = {}
        every = (self, *others)
        for each in every:
            for key, mark in each.marks.items():
                if key not in marks or marks[key].code in unauthorised_codes(mark.session.date):
                    marks[key] = mark
        spells = tuple(spell for each in every if each.roll for spell in each.roll.spells)
        return replace(
            self,
            roll=self.roll and replace(self.roll, spells=spells),
            marks=marks,
            reliances=tuple(sorted((one for each in every for one in each.reliances), key=lambda one: one.id)),
            closed_cases=tuple(one for each in every for one in each.closed_cases),
        )

    def without_facts(self) -> "Pupil":
        """Return the record with nothing to be judged: its facts are judged with another record of the child."""
        return replace(self, roll=self.roll and replace(self.roll, spells=()), marks={}, reliances=(), closed_cases=())

    def until(self, day: date) -> "Pupil":
        """Return the pupil as a day's end left them: without later marks, stays on rolls, closed cases, and what relies on later sessions."""
        crossing = self.standing.judgement.crossing
        began = crossing is not None and crossing.at.session.date <= day
        return replace(
            self,
            roll=self.roll and replace(self.roll, spells=tuple(spell for spell in self.roll.spells if spell.admitted_on <= day)),
            marks={key: mark for key, mark in self.marks.items() if mark.session.date <= day},
            reliances=tuple(
                each for each in self.reliances if all(s.date <= day for s in (*(mark.session for mark in each.marks), *each.charged))
            ),
            closed_cases=tuple(each for each in self.closed_cases if each.closed_on <= day),
            standing=self.standing if began else Standing(),
        )

    def reliance(self, reliance_id: UUID, kind: Kind) -> Reliance:
        """Return what is stored of a notice or file, or a blank one where nothing is."""
        return next((each for each in self.reliances if each.id == reliance_id), Reliance(reliance_id, kind))


def record_marks(pupil: Pupil, new_marks: Iterable[NewMark]) -> tuple[Pupil, list[Mark], list[MarkChange]]:
    """Add the marks that are newer than the pupil's own; return the pupil, the marks to store, and the changes to marks relied on."""
    marks, to_store, changes = dict(pupil.marks), {}, []
    for new in new_marks:
        mark = new.mark
        before = marks.get(mark.key)
        if (before and (before.version, before.revision) >= (mark.version, mark.revision)) or not new.matters:
            continue
        if before is None and new.previous_code and mark.version > 1:
            before = Mark(mark.session, mark.urn, new.previous_code, mark.version - 1)
        change = change_by_mark(mark, before, pupil.reliances) or change_by_leave(mark, before, pupil.reliances)
        if change:
            changes.append(change)
        marks[mark.key] = to_store[mark.key] = mark
    return replace(pupil, marks=marks), list(to_store.values()), changes


def record_reliance(pupil: Pupil, reliance: Reliance) -> tuple[Pupil, list[MarkChange]]:
    """Put a notice or file in place of its earlier state; return the pupil, and the marks that had changed before it became known."""
    before = next((each for each in pupil.reliances if each.id == reliance.id), None)
    others = tuple(each for each in pupil.reliances if each.id != reliance.id)
    changes = changes_by_reliance(reliance, pupil.marks) if before is None or not before.marks else []
    return replace(pupil, reliances=(*others, reliance)), changes


def loss_of(pupil: Pupil, mark: Mark, years: SchoolYears) -> LossReason | None:
    """Return why a mark counts for nothing although it is as it was: by the roll, the calendar or the pupil's age, or for leave; None where it may."""
    stored = pupil.marks.get(mark.key)
    if stored and stored.covered and stored.code in unauthorised_codes(mark.session.date):
        return "leave-granted"
    return pupil.roll.loss_of(mark, years) if pupil.roll else None


LostMarks = Mapping[tuple[UUID, Mark], LossReason]
"""Marks whose session cannot be the pupil's, by the id of what relies on them, and why."""


def lost_marks(pupils: Iterable[Pupil], years: SchoolYears) -> LostMarks:
    """Return the marks relied on by what is in force whose session cannot be the pupil's; none of a pupil whose roll has not arrived."""
    found: dict[tuple[UUID, Mark], LossReason] = {}
    for pupil in pupils:
        for each in pupil.reliances if pupil.roll else ():
            for mark in each.marks if each.in_force else ():
                if why := loss_of(pupil, mark, years):
                    found[each.id, mark] = why
    return found


def lost_marks_between(pupil: Pupil, years: SchoolYears, first: date, last: date) -> list[tuple[Mark, LossReason]]:
    """Return the marks of a period, whether or not something relies on them, whose session cannot be the pupil's, and why."""
    if pupil.roll is None:
        return []
    marks = sorted((mark for mark in pupil.marks.values() if first <= mark.session.date <= last), key=lambda mark: mark.key)
    return [(mark, why) for mark in marks if (why := loss_of(pupil, mark, years))]


def changes_by_separation(pupil: Pupil, before: Iterable[Pupil]) -> list[MarkChange]:
    """Return the marks relied on that came from another record, which was separated since: of this child there is no such mark.

    `before`: the children with the records that they had until now.
    """
    had = {each.id: child.marks for child in before for each in child.reliances}
    return [
        MarkChange(mark.session, mark.urn, mark.code, mark.version, NO_MARK, mark.version, affected)
        for mark, affected in _relied_on(
            pupil, lambda each, mark: each.in_force and mark.key in had.get(each.id, {}) and mark.key not in pupil.marks
        )
    ]


def changes_by_loss(pupil: Pupil, now: LostMarks, before: LostMarks) -> list[MarkChange]:
    """Return the marks, in the order of their sessions, whose session was just lost to what relies on them."""
    return [
        MarkChange(mark.session, mark.urn, mark.code, mark.version, mark.code, mark.version, affected, now[affected[0].id, mark])
        for mark, affected in _relied_on(pupil, lambda each, mark: (each.id, mark) in now and (each.id, mark) not in before)
    ]


def _relied_on(pupil: Pupil, concerned: Callable[[Reliance, Mark], bool]) -> list[tuple[Mark, tuple[Reliance, ...]]]:
    """Return the marks, in the order of their sessions, for which some notices and files are concerned, and those."""
    found: dict[Mark, list[Reliance]] = {}
    for each in pupil.reliances:
        for mark in each.marks:
            if concerned(each, mark):
                found.setdefault(mark, []).append(each)
    return [(mark, tuple(found[mark])) for mark in sorted(found, key=lambda mark: (*mark.key, mark.version))]


def history_of(pupil: Pupil, roll: Roll, schools: Schools) -> History:
    """Return what a pupil is judged by: the marks of sessions in which some school marked an absence without authority."""
    absent = {mark.session for mark in pupil.marks.values() if mark.code in unauthorised_codes(mark.session.date)}
    return History(
        tuple(mark for mark in pupil.marks.values() if mark.session in absent),
        roll.spells,
        roll.compulsory,
        schools.years,
        pupil.spent,
        pupil.aside,
        schools.successions,
    )


def full_judgement(pupil: Pupil, schools: Schools, policies: Policies) -> Judgement:
    """Return a pupil's judgement with the sessions set aside; the pupil must have been loaded with those."""
    return judge_with_set_aside(history_of(pupil, pupil.roll, schools), policies) if pupil.roll else NOTHING_COUNTS


def set_aside_of(pupil: Pupil, schools: Schools, policies: Policies) -> tuple[CountingSession, ...]:
    """Return the unspent counting sessions that closed cases set aside; the pupil must have been loaded with those."""
    return set_aside(history_of(pupil, pupil.roll, schools), policies) if pupil.roll else ()


def judge_pupil(
    pupil: Pupil, schools: Schools, policies: Policies, new_run_id: UUID, weeks_of: SchoolWeeksOf | None = None
) -> Progress | None:
    """Judge a pupil anew and advance the run; None while the roll has not arrived. `new_run_id` is for a run that this may open."""
    if pupil.roll is None:
        return None
    judgement = judge(history_of(pupil, pupil.roll, schools), policies, weeks_of(pupil.roll.spells) if weeks_of else None)
    return advance_pupil(pupil, judgement, new_run_id)


def advance_pupil(pupil: Pupil, judgement: Judgement, new_run_id: UUID, earlier: Iterable[EarlierRun] = ()) -> Progress:
    """Advance the run of a pupil who was judged; of the `earlier` runs one may be resumed whose case is open and whose sessions are not spent."""
    spent_now, closed_runs = pupil.spent, pupil.closed_runs
    ended = end_of_run(pupil.standing, spent_now, pupil.aside, closed_runs)
    resumable = [
        each for each in earlier if each.id not in closed_runs and each.id != pupil.standing.run_id and each.sessions.isdisjoint(spent_now)
    ]
    return advance_run(pupil.standing, judgement, ended, new_run_id, resumable)


def held_by_other_runs(pupil: Pupil, earlier: Iterable[EarlierRun], closing: UUID) -> frozenset[Session]:
    """Return the sessions that the runs of open cases hold beside the one `closing`.

    The open run holds every session that counts; one that ended before its case did holds those by which it met the threshold.
    """
    others = [each for each in earlier if each.id not in pupil.closed_runs | {closing, pupil.standing.run_id}]
    held = {session for each in others for session in each.sessions}
    if pupil.standing.run_id not in {None, closing} | pupil.closed_runs:
        held |= {each.session for each in pupil.standing.judgement.counting}
    return frozenset(held)


def aside_of(closed_cases: Sequence[ClosedCase]) -> SetAside:
    """Return what closed cases set aside together: up to the latest day of any, but for what none of them did."""
    to = max((each.set_aside_to for each in closed_cases if each.set_aside_to), default=None)
    kept = {session for each in closed_cases for session in each.kept or ()}
    return SetAside(to, frozenset(each for each in kept if not any(case.sets_aside(each) for case in closed_cases)))
