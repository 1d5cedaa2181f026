"""Pupils' rolls arrive, in any order and again: each is stored if it is newer, then the pupils are judged by it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from services.thresholds.domain.facts import Spell
from services.thresholds.domain.pupils import Roll
from services.thresholds.domain.sessions import Span
from services.thresholds.repository.pupils import load_pupils
from services.thresholds.repository.rolls import store_rolls
from services.thresholds.repository.schools import lock_schools_shared
from services.thresholds.use_cases import lost_sessions
from services.thresholds.use_cases.judging import judge_and_publish
from services.thresholds.use_cases.pupil_records import lock_children
from services.thresholds.use_cases.separation import own_of_open_runs, restore_runs
from shared.attendance.identities import merged_records, store_former_upns, store_same_as
from shared.contracts.registers import RollChanged
from shared.database import Transaction


async def change_rolls(tx: Transaction, events: Sequence[RollChanged]) -> None:
    """Store pupils' rolls as they now stand and judge by them; a roll that is older than the stored one is skipped.

    A session relied on that a roll takes away is published as a changed mark is.
    """
    newest = {event.pupil_id: event for event in sorted(events, key=lambda event: event.revision)}
    await lock_schools_shared(tx, {spell.urn for event in newest.values() for spell in event.rolls})
    named = {event.same_as for event in newest.values() if event.same_as}
    child_of = await lock_children(tx, {*newest, *named})
    merged_before = child_of
    rolls, same_as, pupils = {}, {}, []
    stored = await load_pupils(tx, newest)
    merged = {*child_of, *child_of.values(), *named}
    children = await load_pupils(tx, merged, child_of) if merged else []
    before = [*(pupil for pupil in stored if pupil.id not in merged), *children]
    lost_before = await lost_sessions.lost(tx, before)
    for pupil in stored:
        event = newest[pupil.id]
        if pupil.roll is None or pupil.roll.revision < event.revision:
            roll = roll_of(event)
            rolls[pupil.id] = (event.upn, roll)
            same_as[pupil.id] = event.same_as
            pupils.append(replace(pupil, roll=roll))
    await store_rolls(tx, rolls)
    await store_former_upns(tx, [newest[each] for each in rolls])
    await store_same_as(tx, same_as)
    affected = {*child_of, *child_of.values(), *(each for each in same_as.values() if each)}
    if affected:
        affected |= {*rolls}
        relied_on = {mark.session for pupil in before for each in pupil.reliances for mark in each.marks}
        child_of = await merged_records(tx, affected)
        pupils = await load_pupils(tx, affected, child_of, [*product(affected, relied_on)], with_set_aside=True)
    separated = {each: merged_before[each] for each in same_as if each in merged_before and merged_before[each] != same_as[each]}
    survivors = [pupil for pupil in pupils if pupil.id in separated.values()]
    own = await own_of_open_runs(tx, survivors)
    await judge_and_publish(tx, pupils, await lost_sessions.newly_lost(tx, pupils, lost_before, before if affected else ()), own=own)
    await restore_runs(tx, survivors, {*separated})


def roll_of(event: RollChanged) -> Roll:
    """Return the roll that an event holds."""
    spells = tuple(Spell(each.urn, each.la_code, each.admitted_on, each.left_on) for each in event.rolls)
    return Roll(event.revision, Span(event.compulsory_from, event.compulsory_to), spells)
