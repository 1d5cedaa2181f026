"""Marks, rolls and calendars arrive, in any order and again: each is stored if it is newer, then judged with what is there."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from uuid import UUID

from services.thresholds.domain.facts import Mark, Schools, SchoolYear, SchoolYears, Spell, bit, bits
from services.thresholds.domain.pupils import NewMark, Roll
from services.thresholds.domain.sessions import Session, Span, monday_of, school_year_of, school_year_span
from services.thresholds.domain.weeks import EverySchoolWeeks
from services.thresholds.repository import identities, reliances, schools
from services.thresholds.repository import pupils as stored
from services.thresholds.use_cases import children, losses
from services.thresholds.use_cases.judging import FEW, WEEKS, settle
from services.thresholds.use_cases.told import Told
from shared.attendance.identities import store_former_upns
from shared.attendance.successions import store_succession
from shared.contracts.registers import CalendarChanged, RollChanged, SuccessionChanged
from shared.database import Transaction

WEEK = timedelta(days=6)


async def record_sessions(tx: Transaction, events: Sequence[Told]) -> None:
    """Store what registers say and judge the pupils whom it concerns.

    Those are the pupils with a mark that may matter and, where a school without a calendar held a session that was not known, the
    pupils on its roll with later marks: their school weeks may have moved.
    """
    told = [event for event in events if event.marked]
    await schools.lock_alone(tx, {event.school for event in told})
    news: dict[UUID, list[NewMark]] = defaultdict(list)
    for event in told:
        for pupil_id, new in event.news:
            news[pupil_id].append(new)
    known, moved = await _hold_sessions(tx, told)
    child = await children.hold(tx, {*news, *moved})
    concerned = {*news}
    moved = _of_every_record(moved, child)
    for since in set(moved.values()):
        concerned |= {*await stored.with_marks_since(tx, [each for each in moved if moved[each] == since], since)}
    spells = await stored.spells_of(tx, concerned)
    at = {spell.urn for own in spells.values() for spell in own}
    if not at <= {event.school for event in told}:
        known = await schools.known_of(tx, at)
    quiet = await _below_all_the_same(tx, concerned - {*child, *child.values()}, news, moved, spells, known.years)
    await stored.store_marks(tx, [(pupil_id, mark) for pupil_id in quiet for mark in _newest(news.get(pupil_id, ()))])
    pupils, changes = await children.take_in(tx, {each: news[each] for each in news if each not in quiet}, concerned - quiet, child)
    await settle(tx, pupils, changes, None if child else known)


async def _below_all_the_same(
    tx: Transaction,
    concerned: Collection[UUID],
    news: Mapping[UUID, Sequence[NewMark]],
    moved: Collection[UUID],
    spells: Mapping[UUID, tuple[Spell, ...]],
    years: SchoolYears,
) -> frozenset[UUID]:
    """Return the pupils who need no judging: below until now, nothing rests on their marks, and with the new ones they have too few absences.

    That is most pupils who are absent at all. New marks change the windows that hold them and no others: these begin with the school
    weeks before the earliest of them. Not every absence counts, so nobody with so few of them since can have reached anything. Where a
    mark may take an absence away (it replaces another, or another school's stands beside it), or school weeks moved, the absences of
    all time must be so few.
    """
    weeks = EverySchoolWeeks(years)
    since = dict.fromkeys(concerned, date.min)
    for pupil_id, own in spells.items():
        if pupil_id in since and pupil_id not in moved and all(new.mark.version == 1 and not new.dual for new in news[pupil_id]):
            since[pupil_id] = weeks.of(own).window(min(new.mark.session.date for new in news[pupil_id]), WEEKS)[0]
    absences = await stored.absences_of_those_below(tx, since)
    return frozenset(
        pupil_id
        for pupil_id, known_absences in absences.items()
        if known_absences + sum(new.mark.code in stored.ABSENT for new in news.get(pupil_id, ())) < FEW
    )


def _newest(news: Iterable[NewMark]) -> Iterable[Mark]:
    """Return the marks that matter, of each place the one of the latest version."""
    return {(new.mark.session, new.mark.urn): new.mark for new in sorted(news, key=lambda new: new.mark.version) if new.matters}.values()


async def change_rolls(tx: Transaction, events: Sequence[RollChanged]) -> None:
    """Store pupils' rolls as they now stand and judge by them; a roll that is older than the stored one is passed over.

    A session relied on that a roll takes away is said as a changed mark is.
    """
    newest = {event.pupil_id: event for event in sorted(events, key=lambda event: event.revision)}
    await schools.lock_together(tx, {spell.urn for event in newest.values() for spell in event.rolls})
    before = await children.hold(tx, {*newest, *(event.same_as for event in newest.values() if event.same_as)})
    rolls, same_as, pupils = {}, {}, []
    known = await stored.load(tx, newest)
    together = {*before, *before.values(), *(event.same_as for event in newest.values() if event.same_as)}
    whole = await children.load(tx, together, before) if together else []
    until_now = [*(pupil for pupil in known if pupil.id not in together), *whole]
    lost = await losses.lost(tx, until_now)
    for pupil in known:
        event = newest[pupil.id]
        if pupil.roll is None or pupil.roll.revision < event.revision:
            roll = _roll(event)
            rolls[pupil.id] = (event.upn, roll)
            same_as[pupil.id] = event.same_as
            pupils.append(pupil.enrolled(roll))
    await stored.store_rolls(tx, rolls)
    await store_former_upns(tx, {each: newest[each].former_upns for each in rolls})
    await identities.store_same_as(tx, same_as)
    touched = {*before, *before.values(), *(each for each in same_as.values() if each)}
    if touched:
        touched |= {*rolls}
        relied_on = {mark.session for pupil in until_now for each in pupil.reliances for mark in each.marks}
        pupils = await stored.load(tx, touched, [*product(touched, relied_on)], await identities.absorbed(tx, touched), everything=True)
    await settle(tx, pupils, await losses.newly_lost(tx, pupils, lost, until_now if touched else ()))


async def change_calendar(tx: Transaction, event: CalendarChanged) -> None:
    """Store a school's sessions of a year as they now stand and judge the pupils whom they concern.

    A session relied on that was not held after all is said as a changed mark is.
    """
    await schools.lock_alone(tx, [event.school])
    year = int(event.year[:4])
    span = school_year_span(year)
    open_ = (Session(day.date, half) for day in event.open if span.holds(day.date) for half in day.sessions)
    before = (await schools.sessions_held(tx, [event.school])).get((event.school, year), SchoolYear())
    if not await schools.store_calendar(tx, event.school, year, bits(open_), event.revision):
        return
    urns = (await schools.linked(tx, [event.school]))[event.school]
    on_roll = await stored.on_roll(tx, urns, monday_of(span.start), span.end + WEEK)
    child = await children.hold(tx, on_roll)
    everyone = {*on_roll, *child, *child.values()}
    # Something may rest on marks that never counted, and so are not stored.
    concerned = {*await stored.with_marks_since(tx, everyone, monday_of(span.start)), *await reliances.rested_on(tx, everyone)}
    pupils = await children.load(tx, children.under(child, concerned), child)
    lost = await losses.lost(tx, pupils, {(event.school, year): before})
    await settle(tx, pupils, await losses.newly_lost(tx, pupils, lost))


async def keep_succession(tx: Transaction, event: SuccessionChanged) -> None:
    """Store which schools a school continues and judge the pupils whose holiday that may make one, or two.

    It may see besides what its pupils of then came to.
    """
    # All at once and in order: whoever holds one of them and waits for another would be waited for.
    told = {event.school, *(each.urn for each in event.predecessors)}
    await schools.lock_alone(tx, {urn for linked in (await schools.linked(tx, told)).values() for urn in linked})
    before = (await schools.known_of(tx, [event.school])).successions
    if not await store_succession(tx, event):
        return
    days = [*(each.since for each in before if each.urn == event.school), *(each.since for each in event.predecessors)]
    urns = (await schools.linked(tx, [event.school]))[event.school]
    await schools.lock_alone(tx, urns)
    on_roll = await stored.on_roll(tx, urns, date.min, date.max)
    child = await children.hold(tx, on_roll)
    concerned = await stored.with_marks_since(tx, {*on_roll, *child, *child.values()}, min(days, default=date.max))
    await settle(tx, await children.load(tx, children.under(child, concerned), child))


async def _hold_sessions(tx: Transaction, events: Collection[Told]) -> tuple[Schools, dict[UUID, date]]:
    """Store in which sessions schools have marks.

    Return what is then known of these schools, and the pupils whose school weeks or holidays that may move, and from when.
    """
    recorded: dict[tuple[int, int], set[Session]] = defaultdict(set)
    for event in events:
        recorded[event.school, school_year_of(event.session.date)].add(event.session)
    known = await schools.known_of(tx, {event.school for event in events})
    before = {key: known.years.get(key, SchoolYear()) for key in recorded}
    fresh = {key: own for key, sessions in recorded.items() if (own := _not_in(before[key], sessions))}
    held = {key: replace(before[key], registers=before[key].registers | bits(own)) for key, own in fresh.items()}
    await schools.store_registers(tx, {key: year.registers for key, year in held.items()})
    loose = {key: own for key, own in fresh.items() if before[key].calendar is None}
    # Of a school that another one continues, a late session may come between its own last ones and that one's first.
    continued = await schools.continued_by_others(tx, {urn for urn, _ in loose}) if loose else ()
    moving: dict[tuple[int, int], list[Session]] = {}
    for key, own in loose.items():
        if those := [session for session in own if key[0] in continued or _moves(before[key], session)]:
            moving[key] = those
    urns = await schools.linked(tx, {urn for urn, _ in moving}) if moving else {}
    moved: dict[UUID, date] = {}
    for (urn, _), those in moving.items():
        since = monday_of(min(those).date)
        for pupil_id in await stored.on_roll(tx, urns[urn], since, monday_of(max(those).date) + WEEK):
            moved[pupil_id] = min(since, moved.get(pupil_id, since))
    return replace(known, years={**known.years, **held}), moved


def _of_every_record(moved: Mapping[UUID, date], child: children.Children) -> dict[UUID, date]:
    """Return from when school weeks moved, of a child with several records for all of them."""
    found = dict(moved)
    for each in {*child, *child.values()}:
        own = child.get(each, each)
        if days := [moved[one] for one in {own, *(one for one in child if child[one] == own)} if one in moved]:
            found[each] = min(days)
    return found


def _not_in(known: SchoolYear, sessions: Iterable[Session]) -> list[Session]:
    return [session for session in sessions if not known.registers & bit(session)]


def _moves(known: SchoolYear, session: Session) -> bool:
    """Tell whether a new session of a school without a calendar makes a week, or comes between sessions that were consecutive."""
    monday = max(monday_of(session.date), school_year_span(school_year_of(session.date)).start)
    return bit(session) < known.registers or known.registers < bit(Session(monday, "AM"))


def _roll(event: RollChanged) -> Roll:
    spells = tuple(Spell(each.urn, each.la_code, each.admitted_on, each.left_on) for each in event.rolls)
    return Roll(event.revision, Span(event.compulsory_from, event.compulsory_to), spells)
