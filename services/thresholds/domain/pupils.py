"""A pupil as the threshold sees one: every fact that has arrived, in whatever order, and what follows from them together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from services.thresholds.domain.counting import CountingSession
from services.thresholds.domain.facts import History, Mark, Policies, Schools, SchoolYears, Spell, closed, unauthorised_codes
from services.thresholds.domain.judgement import judge, set_aside, with_set_aside
from services.thresholds.domain.reliance import NO_MARK, Kind, Lost, MarkChange, Reliance, change_by_mark, changes_by_reliance, spent
from services.thresholds.domain.runs import Progress, Standing, ended_by, follow, nothing
from services.thresholds.domain.sessions import Session, Span
from services.thresholds.domain.weeks import EverySchoolWeeks


@dataclass(frozen=True, slots=True)
class Roll:
    """A pupil's stays on rolls and compulsory school age, as `registers` last said them."""

    revision: int
    compulsory: Span
    spells: tuple[Spell, ...]

    def loses(self, mark: Mark, years: SchoolYears) -> Lost | None:
        """Return why the session of a mark is none of the pupil's, if it is none."""
        day = mark.session.date
        if not any(spell.urn == mark.urn and spell.touches(day, day) for spell in self.spells):
            return "off-roll"
        if closed(years, mark):
            return "not-held"
        return None if self.compulsory.holds(day) else "not-of-age"


class NewMark(NamedTuple):
    """A mark as a register says it; `dual`: the pupil was on another school's roll as well that day."""

    mark: Mark
    previous_code: str | None = None
    dual: bool = False

    @property
    def matters(self) -> bool:
        """Tell whether the mark may ever matter, so that it is stored.

        It does if it is, or was, an absence without authority, if it was amended, or if another school may have marked the session too.
        """
        absent = unauthorised_codes(self.mark.session.date)
        return self.dual or self.mark.version > 1 or self.mark.code in absent or self.previous_code in absent


@dataclass(frozen=True, slots=True)
class Closure:
    """A case that was closed: it ends its run, and sets aside the sessions up to a day where no notice or charge came of it."""

    case_id: UUID
    run_id: UUID
    closed_on: date
    set_aside_to: date | None = None


@dataclass(frozen=True, slots=True)
class Pupil:
    """The facts about one pupil. Whoever changes them holds the pupil's lock."""

    id: UUID
    roll: Roll | None = None
    """None until the roll has arrived; nothing is judged before that."""
    marks: Mapping[tuple[Session, int], Mark] = field(default_factory=dict)
    reliances: tuple[Reliance, ...] = ()
    closures: tuple[Closure, ...] = ()
    standing: Standing = field(default_factory=Standing)

    @property
    def spent(self) -> frozenset[Session]:
        """The sessions behind penalty notices and charges."""
        return spent(self.reliances)

    @property
    def set_aside_to(self) -> date | None:
        """The latest day up to which closed cases set sessions aside."""
        return max((each.set_aside_to for each in self.closures if each.set_aside_to), default=None)

    def enrolled(self, roll: Roll) -> "Pupil":
        """Return the pupil on another roll."""
        return replace(self, roll=roll)

    def with_records(self, others: Sequence["Pupil"]) -> "Pupil":
        """Return the child with what is known on other records too, as though all of it had been sent under one.

        Where a school marked a session on several, the mark stands that is no absence without authority.
        """
        marks: dict[tuple[Session, int], Mark] = {}
        for each in (self, *others):
            for place, mark in each.marks.items():
                if place not in marks or marks[place].code in unauthorised_codes(mark.session.date):
                    marks[place] = mark
        every = (self, *others)
        spells = tuple(spell for each in every if each.roll for spell in each.roll.spells)
        return replace(
            self,
            roll=self.roll and replace(self.roll, spells=spells),
            marks=marks,
            reliances=tuple(sorted((one for each in every for one in each.reliances), key=lambda one: one.id)),
            closures=tuple(one for each in every for one in each.closures),
        )

    def without_facts(self) -> "Pupil":
        """Return the record with nothing to be judged: it is judged on another record of the child."""
        return replace(self, roll=self.roll and replace(self.roll, spells=()), marks={}, reliances=(), closures=())

    def reliance(self, reliance_id: UUID, kind: Kind) -> Reliance:
        """Return what is known of a notice or file, a blank where nothing is."""
        return next((each for each in self.reliances if each.id == reliance_id), Reliance(reliance_id, kind))


def record(pupil: Pupil, news: Iterable[NewMark]) -> tuple[Pupil, list[Mark], list[MarkChange]]:
    """Take in marks that are newer than those known; return the pupil, what must be stored, and what shook something that rests on it."""
    marks, stored, changes = dict(pupil.marks), {}, []
    for new in news:
        mark = new.mark
        place = (mark.session, mark.urn)
        known = marks.get(place)
        if (known and known.version >= mark.version) or not new.matters:
            continue
        if known is None and new.previous_code and mark.version > 1:
            known = Mark(mark.session, mark.urn, new.previous_code, mark.version - 1)
        change = change_by_mark(mark, known, pupil.reliances)
        if change:
            changes.append(change)
        marks[place] = stored[place] = mark
    return replace(pupil, marks=marks), list(stored.values()), changes


def rely(pupil: Pupil, reliance: Reliance) -> tuple[Pupil, list[MarkChange]]:
    """Take in what is known of something that rests on sessions; return what had changed under it before it became known."""
    before = next((each for each in pupil.reliances if each.id == reliance.id), None)
    others = tuple(each for each in pupil.reliances if each.id != reliance.id)
    changes = changes_by_reliance(reliance, pupil.marks) if before is None or not before.marks else []
    return replace(pupil, reliances=(*others, reliance)), changes


Losses = Mapping[tuple[UUID, Mark], Lost]
"""Marks whose session is none of the pupil's, by what rests on them, and why."""


def losses_of(pupils: Iterable[Pupil], years: SchoolYears) -> Losses:
    """Return what is lost of that on which something stands; nothing of a pupil whose roll is not known."""
    found: dict[tuple[UUID, Mark], Lost] = {}
    for pupil in pupils:
        for each in pupil.reliances if pupil.roll else ():
            for mark in each.marks if each.standing else ():
                if pupil.roll and (why := pupil.roll.loses(mark, years)):
                    found[each.id, mark] = why
    return found


def losses_between(pupil: Pupil, years: SchoolYears, first: date, last: date) -> list[tuple[Mark, Lost]]:
    """Return the marks of a period, whether or not something rests on them, whose session is none of the pupil's, and why."""
    if pupil.roll is None:
        return []
    marks = sorted((mark for mark in pupil.marks.values() if first <= mark.session.date <= last), key=lambda mark: (mark.session, mark.urn))
    return [(mark, why) for mark in marks if (why := pupil.roll.loses(mark, years))]


def changes_by_parting(pupil: Pupil, until_now: Iterable[Pupil]) -> list[MarkChange]:
    """Return the marks under what stands that were sent under another record, which is another child's after all: of this one there is none."""
    had = {each.id: known.marks for known in until_now for each in known.reliances}
    shaken: dict[Mark, list[Reliance]] = {}
    for each in pupil.reliances:
        for mark in each.marks if each.standing else ():
            place = mark.session, mark.urn
            if place in had.get(each.id, {}) and place not in pupil.marks:
                shaken.setdefault(mark, []).append(each)
    return [
        MarkChange(mark.session, mark.urn, mark.code, mark.version, NO_MARK, mark.version, tuple(resting))
        for mark, resting in sorted(shaken.items(), key=lambda item: (item[0].session, item[0].urn, item[0].version))
    ]


def changes_by_loss(pupil: Pupil, now: Losses, before: Losses) -> list[MarkChange]:
    """Return the marks, in the order of their sessions, of which something that rests on them has just lost the session."""
    shaken: dict[Mark, list[Reliance]] = {}
    for each in pupil.reliances:
        for mark in each.marks:
            if (each.id, mark) in now and (each.id, mark) not in before:
                shaken.setdefault(mark, []).append(each)
    return [
        MarkChange(mark.session, mark.urn, mark.code, mark.version, mark.code, mark.version, tuple(resting), now[resting[0].id, mark])
        for mark, resting in sorted(shaken.items(), key=lambda item: (item[0].session, item[0].urn, item[0].version))
    ]


def history_of(pupil: Pupil, roll: Roll, schools: Schools) -> History:
    """Return what a pupil is judged by: the marks of sessions in which some school marked an absence without authority."""
    absent = {mark.session for mark in pupil.marks.values() if mark.code in unauthorised_codes(mark.session.date)}
    return History(
        tuple(mark for mark in pupil.marks.values() if mark.session in absent),
        roll.spells,
        roll.compulsory,
        schools.years,
        pupil.spent,
        pupil.set_aside_to,
        schools.successions,
    )


def judgement_of(pupil: Pupil, schools: Schools, policies: Policies) -> Mapping[str, Any]:
    """Return what a pupil's facts come to, in plain JSON types, with what is set aside: all of the facts must be there."""
    if pupil.roll is None:
        return nothing()
    history = history_of(pupil, pupil.roll, schools)
    return with_set_aside(judge(history, policies).as_json(), set_aside(history, policies), policies)


def set_aside_of(pupil: Pupil, schools: Schools, policies: Policies) -> tuple[CountingSession, ...]:
    """Return the counting sessions that closed cases set aside and nothing has spent: all of the facts must be there."""
    return set_aside(history_of(pupil, pupil.roll, schools), policies) if pupil.roll else ()


def review(pupil: Pupil, schools: Schools, policies: Policies, fresh: UUID, weeks: EverySchoolWeeks | None = None) -> Progress | None:
    """Judge a pupil anew and move the run on; None while the roll is not known. `fresh` is the id of a run that this may open."""
    if pupil.roll is None:
        return None
    judgement = judge(history_of(pupil, pupil.roll, schools), policies, weeks.of(pupil.roll.spells) if weeks else None)
    closed_runs = frozenset(each.run_id for each in pupil.closures)
    ended = ended_by(pupil.standing, pupil.spent, pupil.set_aside_to, closed_runs)
    return follow(pupil.standing, judgement, ended, fresh)
