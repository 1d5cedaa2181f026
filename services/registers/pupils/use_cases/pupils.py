"""Pupils at a school: details, roll, parents, and what follows from a roll that arrives; one pupil or a whole school's roll at once.

A school that moves to another authority takes its pupils' rolls along.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from services.registers.law import NATIONAL
from services.registers.marks.domain.rolls import Spell
from services.registers.marks.use_cases.release import release_marks
from services.registers.pupils.domain import upn
from services.registers.pupils.domain.ages import compulsory_age
from services.registers.pupils.domain.differences import ESTABLISHED, EXPLAINED, Claim, SchoolRecord
from services.registers.pupils.domain.pupils import NamedPupil, PupilAtSchool, RejectedPupil, SentPupil
from services.registers.pupils.repository import parents, pupils, rolls, same_child
from services.registers.pupils.repository.parents import ParentRow
from services.registers.pupils.use_cases.contacts import store_parents
from services.registers.pupils.use_cases.differences import follow_reach, judge_sent, store_judged
from services.registers.pupils.use_cases.dual_registration import Overlaps, read_overlaps, renew_overlaps
from services.registers.pupils.use_cases.publishing import publish_rolls
from services.registers.schools.domain.schools import School
from services.registers.schools.repository.schools import la_codes, lock_schools
from services.registers.schools.use_cases import schools
from services.registers.schools.use_cases.schools import Stored, read_school
from shared.database import Transaction, all_rows_visible
from shared.problems import Invalid


class UpnInvalid(Invalid):
    """The UPN's check letter does not fit its digits."""


class PupilInvalid(Invalid):
    """The pupil's record contradicts itself."""


@dataclass(frozen=True, slots=True)
class StoredPupil:
    """A pupil as stored at a school; `new`: not known there until now, `released`: marks that the roll took out of quarantine.

    `claim`: what the roll entry is worth, with `claim_explained` in the school's words.
    """

    id: UUID
    upn: str
    upn_kind: Literal["permanent", "temporary"]
    urn: int
    compulsory_from: date
    compulsory_to: date
    parents: list[ParentRow]
    released: int
    new: bool
    claim: Claim
    claim_explained: str


@dataclass(frozen=True, slots=True)
class StoredRoll:
    """How many pupils of a roll were stored or changed, how many were as before, what was released, and who was rejected.

    `waiting`: those who are stored and do not count until an officer confirms them, or whom one refused.
    """

    stored: int
    unchanged: int
    released: int
    rejected: list[RejectedPupil]
    waiting: list[RejectedPupil]


@dataclass(frozen=True, slots=True)
class _Sent:
    """A pupil that was sent, as the school had them before."""

    pupil_id: UUID
    pupil: SentPupil
    record: SchoolRecord | None

    @property
    def before(self) -> PupilAtSchool | None:
        return self.record.pupil if self.record else None

    @property
    def now(self) -> PupilAtSchool:
        return self.pupil.at_school

    @property
    def changed(self) -> bool:
        return self.before != self.now

    def has_other(self, name: Literal["spells", "parents"]) -> bool:
        return self.before is None or getattr(self.before, name) != getattr(self.now, name)


@dataclass(frozen=True, slots=True)
class _Stored:
    """What became of a pupil: `released` marks were in quarantine until now."""

    pupil_id: UUID
    new: bool
    changed: bool
    released: int
    claim: Claim


async def put_pupil(tx: Transaction, urn: int, pupil_upn: str, sent: SentPupil, caller: str) -> StoredPupil:
    """Store the whole truth about a pupil at a school in place of what was; raise UpnInvalid, PupilInvalid or SchoolNotFound."""
    _check(pupil_upn, sent)
    async with all_rows_visible(tx):
        stored = (await _store(tx, urn, {pupil_upn: sent}, caller))[pupil_upn]
        pupil = await pupils.pupil(tx, stored.pupil_id)
        assert pupil is not None  # noqa: S101 -- locked
        listed = await parents.parents_of(tx, pupil.id, urn)
        born = await same_child.birth_of(tx, pupil.id)
    # Who only claims a pupil learns nothing of what others recorded.
    shown_birth = born if stored.claim in ESTABLISHED else None
    begins, ends = compulsory_age(shown_birth or sent.at_school.date_of_birth, NATIONAL)
    return StoredPupil(
        id=pupil.id,
        upn=pupil.upn,
        upn_kind=upn.kind(pupil.upn),
        urn=urn,
        compulsory_from=begins,
        compulsory_to=ends,
        parents=[row for row in listed if row.urn == urn],
        released=stored.released,
        new=stored.new,
        claim=stored.claim,
        claim_explained=EXPLAINED[stored.claim],
    )


async def put_roll(tx: Transaction, urn: int, sent: Sequence[NamedPupil | RejectedPupil], caller: str) -> StoredRoll:
    """Store the pupils that were sent, each in place of what was there; some were rejected before. Raise SchoolNotFound.

    A pupil who is not named stays as they were: nobody leaves a roll but by `left_on`. Of a UPN that is sent twice the last counts.
    """
    accepted: dict[str, SentPupil] = {}
    rejected: list[RejectedPupil] = []
    for each in sent:
        if isinstance(each, RejectedPupil):
            rejected.append(each)
            continue
        try:
            _check(each.upn, each.pupil)
        except Invalid as error:
            rejected.append(RejectedPupil(each.upn, f"{str(error).removesuffix('.')}."))
        else:
            accepted[each.upn] = each.pupil
    async with all_rows_visible(tx):
        stored = await _store(tx, urn, accepted, caller)
    # Two UPNs of one pupil are one pupil.
    once = {each.pupil_id: each for each in stored.values()}.values()
    changed = sum(each.changed for each in once)
    waiting = [RejectedPupil(sent_upn, EXPLAINED[each.claim]) for sent_upn, each in stored.items() if each.claim not in ESTABLISHED]
    return StoredRoll(changed, len(once) - changed, sum(each.released for each in once), rejected, waiting)


async def put_school(tx: Transaction, school: School, by: str) -> Stored[School]:
    """Store a school in place of what was; where it moves to another authority, publish its calendars and its pupils' rolls again."""
    moved_from = next((code for code in (await la_codes(tx, [school.urn])).values() if code != school.la_code), None)
    # Pupils are locked before schools, as everywhere.
    affected = await pupils.lock(tx, await pupils.pupils_of_school(tx, school.urn)) if moved_from else []
    stored = await schools.put_school(tx, school, by, moved_from)
    await publish_rolls(tx, affected)
    return stored


def _check(pupil_upn: str, sent: SentPupil) -> None:
    if not upn.is_valid(pupil_upn):
        raise UpnInvalid
    if wrong := sent.contradiction:
        raise PupilInvalid(wrong)


async def _store(tx: Transaction, urn: int, sent: Mapping[str, SentPupil], caller: str) -> dict[str, _Stored]:
    """Store pupils, which have been checked, at a school in place of what was; return what became of each UPN.

    Publishes rolls and parents where they changed; where two rolls newly overlap, publishes the marks within again; releases quarantined
    marks that the rolls explain. Sees everybody's rows: pupils and parents are one person at every school. Locks names, pupils, other
    pupils, schools, in this order. Two UPNs of one pupil: the one sent last counts. What other schools recorded stays as it is.
    """
    await read_school(tx, urn)
    await parents.lock_names(tx, [details.keys.name for each in sent.values() for _, details in each.contacts])
    locked = await pupils.lock_or_make(tx, urn, {pupil_upn: each.at_school.details for pupil_upn, each in sent.items()}, caller)
    by_id = {pupil.id: pupil for pupil in locked.values()}
    records = await pupils.school_records(tx, by_id)
    own = {pupil_id: next((each for each in records.get(pupil_id, ()) if each.urn == urn), None) for pupil_id in by_id}
    now = {locked[each].id: _Sent(locked[each].id, pupil, own[locked[each].id]) for each, pupil in sent.items()}
    changed = {pupil_id: each.now for pupil_id, each in now.items() if each.changed}
    judged = await judge_sent(tx, urn, by_id, records, changed)
    reached = {pupil_id: each for pupil_id, each in judged.items() if each.reaching}
    moved = {pupil_id: now[pupil_id].now.spells for pupil_id in changed if now[pupil_id].has_other("spells")}
    before = await read_overlaps(tx, {*moved, *reached}) if moved or reached else None
    await pupils.store_at_school(tx, urn, {pupil_id: judged[pupil_id].own(urn) for pupil_id in changed}, caller)
    corrected = await store_judged(tx, judged, caller, urn)
    contacts = {ref: details for each in now.values() for ref, details in each.pupil.contacts}
    links = {each.pupil_id: each.now.parents for each in now.values()}
    await store_parents(tx, urn, contacts, links, frozenset(each for each in links if now[each].has_other("parents")), caller)
    await follow_reach(tx, {pupil_id: each for pupil_id, each in reached.items() if own[pupil_id] or each.reaching != {urn}})
    others = {each for judgement in reached.values() for each in judgement.reaching}
    released = await _change_rolls(tx, urn, moved, {*moved, *reached}, before, others, caller) if before else {}
    # A child is of the age that the record with the right date of birth makes it.
    heads = (await same_child.child_of(tx, corrected)).values() if corrected else ()
    if touched := {*corrected, *moved, *reached, *heads}:
        await publish_rolls(tx, await pupils.lock(tx, touched))
    claims = {pupil_id: record.claim for pupil_id, record in own.items() if record}
    claims |= {pupil_id: each.own(urn).claim for pupil_id, each in judged.items()}
    return {
        pupil_upn: _Stored(
            pupil.id,
            own[pupil.id] is None,
            now[pupil.id].changed,
            released.get(pupil.id, 0),
            claims[pupil.id],
        )
        for pupil_upn, pupil in locked.items()
    }


async def _change_rolls(
    tx: Transaction,
    urn: int,
    spells: Mapping[UUID, Sequence[Spell]],
    concerned: Collection[UUID],
    before: Overlaps,
    reaching: Collection[int],
    caller: str,
) -> dict[UUID, int]:
    """Store spells, publish marks again where rolls newly overlap, and release quarantined marks; return how many of each pupil's.

    `concerned`: the pupils whose overlaps may be others than `before`; `reaching`: other schools that came to reach one of them, or no longer do.
    """
    # Locked before the rolls change: a register sees either the old roll, and we see what it quarantined, or the new one.
    await lock_schools(tx, {urn, *before.urns, *reaching})
    if spells:
        await rolls.replace_spells(tx, urn, spells)
    await renew_overlaps(tx, concerned, before)
    return await release_marks(tx, urn, list(spells), caller) if spells else {}
