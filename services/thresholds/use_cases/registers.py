"""Registers arrive, in any order and again: each mark is stored if it is newer, then pupils are judged by all that is stored."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from services.thresholds.domain.facts import Mark, Schools, SchoolYear, SchoolYears, Spell, bit, bits
from services.thresholds.domain.pupils import NewMark
from services.thresholds.domain.sessions import Session, monday_of, school_year_span
from services.thresholds.domain.weeks import school_weeks_of
from services.thresholds.repository import marks, schools
from services.thresholds.repository.rolls import pupils_on_roll, spells_of
from services.thresholds.use_cases.judging import FEWEST_THAT_MATTER, LONGEST_WINDOW, judge_and_publish
from services.thresholds.use_cases.pupil_records import ChildOf, lock_children, store_marks_of_children
from services.thresholds.use_cases.register_events import RegisterMarks
from shared.attendance.dates import school_year_start
from shared.database import Transaction


async def record_sessions(tx: Transaction, events: Sequence[RegisterMarks]) -> None:
    """Store the marks of registers and judge the pupils whom they concern.

    Those are the pupils with a mark that may matter and, where a school without a calendar held a session that was not stored, the
    pupils on its roll with later marks: their school weeks may have moved.
    """
    registers = [event for event in events if event.any_marks]
    urns = {register.school for register in registers}
    await schools.lock_schools_exclusively(tx, urns)
    new_marks: dict[UUID, list[NewMark]] = defaultdict(list)
    for register in registers:
        for pupil_id, new in register.new_marks:
            new_marks[pupil_id].append(new)
    own_schools, moved = await _store_sessions_held(tx, registers)
    child_of = await lock_children(tx, {*new_marks, *moved})
    concerned = {*new_marks}
    moved = _of_every_record(moved, child_of)
    for since in set(moved.values()):
        concerned |= {*await marks.pupils_with_marks_since(tx, [each for each in moved if moved[each] == since], since)}
    spells = await spells_of(tx, concerned)
    on_roll_at = {spell.urn for own in spells.values() for spell in own}
    if not on_roll_at <= urns:
        own_schools = await schools.load_schools(tx, on_roll_at)
    below = await _cannot_cross(tx, concerned - {*child_of, *child_of.values()}, new_marks, moved, spells, own_schools.years)
    await marks.store_marks(tx, [(pupil_id, mark) for pupil_id in below for mark in _newest(new_marks.get(pupil_id, ()))])
    rest = {each: own for each, own in new_marks.items() if each not in below}
    pupils, changes = await store_marks_of_children(tx, rest, concerned - below, child_of)
    await judge_and_publish(tx, pupils, changes, None if child_of else own_schools)


async def _cannot_cross(
    tx: Transaction,
    concerned: Collection[UUID],
    new_marks: Mapping[UUID, Sequence[NewMark]],
    moved: Collection[UUID],
    spells: Mapping[UUID, tuple[Spell, ...]],
    years: SchoolYears,
) -> frozenset[UUID]:
    """Return the pupils who need no judging: below until now, nothing relies on their marks, and with the new ones they have too few absences.

    That is most pupils who are absent at all. New marks change the windows that hold them and no others: these begin with the school
    weeks before the earliest of them. Not every absence counts, so nobody with so few of them since can have reached anything. Where a
    mark may take an absence away (it replaces another, or another school's stands beside it), or school weeks moved, the absences of
    all time must be so few.
    """
    weeks_of = school_weeks_of(years)
    since = dict.fromkeys(concerned, date.min)
    for pupil_id, own in spells.items():
        if pupil_id in since and pupil_id not in moved and all(new.mark.version == 1 and not new.dual for new in new_marks[pupil_id]):
            since[pupil_id] = weeks_of(own).window(min(new.mark.session.date for new in new_marks[pupil_id]), LONGEST_WINDOW)[0]
    absences = await marks.absences_of_pupils_below(tx, since)
    return frozenset(
        pupil_id
        for pupil_id, stored in absences.items()
        if stored + sum(new.mark.code in marks.ABSENT for new in new_marks.get(pupil_id, ())) < FEWEST_THAT_MATTER
    )


def _newest(new_marks: Iterable[NewMark]) -> Iterable[Mark]:
    """Return the marks that matter, of each session and school the one of the latest version."""
    return {
        new.mark.key: new.mark for new in sorted(new_marks, key=lambda new: (new.mark.version, new.mark.revision)) if new.matters
    }.values()


async def _store_sessions_held(tx: Transaction, registers: Collection[RegisterMarks]) -> tuple[Schools, dict[UUID, date]]:
    """Store in which sessions schools have marks.

    Return what these schools then held, and the pupils whose school weeks or holidays that may move, and from when.
    """
    recorded: dict[tuple[int, int], set[Session]] = defaultdict(set)
    for register in registers:
        recorded[register.school, school_year_start(register.session.date)].add(register.session)
    stored = await schools.load_schools(tx, {register.school for register in registers})
    before = {key: stored.years.get(key, SchoolYear()) for key in recorded}
    new = {
        key: own
        for key, sessions in recorded.items()
        if (own := [session for session in sessions if not before[key].registers & bit(session)])
    }
    held = {key: replace(before[key], registers=before[key].registers | bits(own)) for key, own in new.items()}
    await schools.store_registers(tx, {key: year.registers for key, year in held.items()})
    without_calendar = {key: own for key, own in new.items() if before[key].calendar is None}
    # Of a school that another one continues, a late session may come between its own last ones and that one's first.
    continued = await schools.continued_by_others(tx, {urn for urn, _ in without_calendar}) if without_calendar else ()
    moving: dict[tuple[int, int], list[Session]] = {}
    for key, own in without_calendar.items():
        if those := [session for session in own if key[0] in continued or _moves_weeks(before[key], session)]:
            moving[key] = those
    urns = await schools.linked_urns(tx, {urn for urn, _ in moving}) if moving else {}
    moved: dict[UUID, date] = {}
    for (urn, _), those in moving.items():
        since = monday_of(min(those).date)
        for pupil_id in await pupils_on_roll(tx, urns[urn], since, monday_of(max(those).date) + timedelta(days=6)):
            moved[pupil_id] = min(since, moved.get(pupil_id, since))
    return replace(stored, years={**stored.years, **held}), moved


def _of_every_record(moved: Mapping[UUID, date], child_of: ChildOf) -> dict[UUID, date]:
    """Return from when school weeks moved, of a child with several records for all of them."""
    found = dict(moved)
    for each in {*child_of, *child_of.values()}:
        child = child_of.get(each, each)
        if days := [moved[one] for one in {child, *(one for one in child_of if child_of[one] == child)} if one in moved]:
            found[each] = min(days)
    return found


def _moves_weeks(year: SchoolYear, session: Session) -> bool:
    """Return whether a new session of a school without a calendar makes a week, or comes between sessions that were consecutive."""
    monday = max(monday_of(session.date), school_year_span(school_year_start(session.date)).start)
    return bit(session) < year.registers or year.registers < bit(Session(monday, "AM"))
