"""A pupil at a school: details, roll, parents, and what follows from a roll that arrives."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.registers.domain import parents, rolls, upn
from services.registers.domain.parents import Keys
from services.registers.domain.rolls import Shared, Spell
from services.registers.repository import parents as people
from services.registers.repository import pupils, schools
from services.registers.schemas.pupils import ParentIn, PupilIn, PupilOut, PupilParentOut
from services.registers.use_cases.registers import release_marks, say_again
from services.registers.use_cases.said import compulsory_age, say_parents, say_parents_of, say_rolls
from services.registers.use_cases.schools import read_school
from shared.database import Transaction
from shared.problems import Invalid


class UpnInvalid(Invalid):
    """The UPN's check letter does not fit its digits."""


class PupilInvalid(Invalid):
    """The pupil's record contradicts itself."""


async def put_pupil(tx: Transaction, urn: int, pupil_upn: str, body: PupilIn, caller: str) -> tuple[PupilOut, bool]:
    """Store the whole truth about a pupil at a school in place of what was; return it and whether it is new there.

    Says rolls and parents where they changed; where two rolls newly overlap, says the marks within again; takes in
    quarantined marks that the roll explains. Locks names, pupil, other pupils, schools, in this order.
    """
    spells = _check(urn, pupil_upn, body)
    await read_school(tx, urn)
    keys = {each.ref: parents.keys(each.forename, each.surname, each.address, each.email, each.phone) for each in body.parents}
    await people.lock_names(tx, [each.name for each in keys.values()])
    pupil = await pupils.hold_or_make(tx, pupil_upn, body.date_of_birth, caller)
    before = await pupils.at_school(tx, urn, pupil.id)
    values = _values(body, spells)
    if before is None or any(getattr(before, name) != value for name, value in values.items()):
        await pupils.store_at_school(tx, urn, pupil.id, values, caller)
    # Where two schools disagree, the one counts that said it last: not the one that repeated what it had always said.
    if pupil.date_of_birth != body.date_of_birth and (before is None or before.date_of_birth != body.date_of_birth):
        await pupils.change_birth(tx, pupil.id, body.date_of_birth, caller)

    await _store_contacts(tx, urn, body.parents, keys, caller)
    await people.link_parents(tx, pupil.id, urn, [each.model_dump() for each in body.parents])
    affected = await _propose_matches(tx, pupil.id, urn, list(keys))
    listed = await say_parents(tx, pupil.id)
    await say_parents_of(tx, affected - {pupil.id})

    released = 0
    if before is None or before.spells != values["spells"]:
        released = await _change_roll(tx, urn, pupil_upn, pupil.id, spells, caller)
    await say_rolls(tx, pupil.id)
    return await _answer(tx, urn, pupil.id, listed, released), before is None


def _check(urn: int, pupil_upn: str, body: PupilIn) -> list[Spell]:
    if not upn.is_valid(pupil_upn):
        raise UpnInvalid
    if body.date_of_birth >= body.admitted_on:
        raise PupilInvalid("date_of_birth is not before admitted_on")
    spells = [Spell(urn, each.admitted_on, each.left_on) for each in body.earlier_spells]
    spells.append(Spell(urn, body.admitted_on, body.left_on))
    if wrong := rolls.trouble(spells):
        raise PupilInvalid(wrong)
    if len({each.ref for each in body.parents}) < len(body.parents):
        raise PupilInvalid("two parents have the same ref")
    return sorted(spells)


def _values(body: PupilIn, spells: Sequence[Spell]) -> dict[str, Any]:
    links = [{"ref": each.ref, "relationship": each.relationship, "lives_with_pupil": each.lives_with_pupil} for each in body.parents]
    dates = [[each.admitted_on.isoformat(), each.left_on.isoformat() if each.left_on else None] for each in spells]
    details = {name: getattr(body, name) for name in ("forename", "surname", "date_of_birth", "year_group")}
    return {**details, "spells": dates, "parents": links}


async def _store_contacts(tx: Transaction, urn: int, sent: Sequence[ParentIn], keys: dict[str, Keys], caller: str) -> None:
    known = await people.contacts_of(tx, urn, keys)
    for parent in sent:
        key = keys[parent.ref]
        values = parent.model_dump(include={"forename", "surname", "address", "email", "phone"})
        values |= {"name_key": key.name, "postcode_key": key.postcode, "email_key": key.email, "phone_key": key.phone}
        before = known.get(parent.ref)
        if before is None:
            await people.store_contact(tx, urn, parent.ref, {**values, "parent_id": await people.make_parent(tx)}, caller)
        elif any(getattr(before, name) != value for name, value in values.items()):
            await people.store_contact(tx, urn, parent.ref, {**values, "parent_id": before.parent_id}, caller)


async def _propose_matches(tx: Transaction, pupil_id: UUID, urn: int, refs: list[str]) -> set[UUID]:
    """Propose likely matches of these contacts; return the pupils of everyone for whom one was proposed."""
    rows = await people.namesakes(tx, pupil_id, urn, refs)
    if not rows:
        return set()
    known = await people.known_pairs(tx, list({row.parent_id for row in rows}))
    proposed: dict[tuple[UUID, UUID], set[str]] = {}
    for row in rows:
        pair = (min(row.parent_id, row.other_id), max(row.parent_id, row.other_id))
        mine = Keys(row.name_key, row.postcode_key, row.email_key, row.phone_key)
        theirs = Keys(row.other_name, row.other_postcode, row.other_email, row.other_phone)
        if pair not in known:
            proposed.setdefault(pair, set()).update(parents.agreements(mine, theirs, same_child=row.same_child))
    for (one, other), reasons in sorted(proposed.items()):
        await people.propose(tx, one, other, sorted(reasons))
    return await people.pupils_of(tx, {person for pair in proposed for person in pair})


async def _change_roll(tx: Transaction, urn: int, pupil_upn: str, pupil_id: UUID, spells: Sequence[Spell], caller: str) -> int:
    """Store the spells, say marks again where rolls newly overlap, and release quarantined marks; return how many."""
    before = await pupils.rolls(tx, pupil_id)
    # Held before the roll changes: a register sees either the old roll, and we see what it kept apart, or the new one.
    await schools.hold(tx, {urn, *(row.urn for row in before)})
    await pupils.replace_spells(tx, urn, pupil_upn, pupil_id, spells)
    now = [Spell(row.urn, row.admitted_on, row.left_on) for row in await pupils.rolls(tx, pupil_id)]
    shared_before = rolls.shared([Spell(row.urn, row.admitted_on, row.left_on) for row in before])
    shared_now = rolls.shared(now)
    await pupils.set_shared(tx, pupil_id, shared_now)
    await say_again(tx, pupil_id, _newly_shared(shared_now, shared_before))
    return await release_marks(tx, urn, pupil_upn, caller)


def _newly_shared(now: Sequence[Shared], before: Sequence[Shared]) -> list[Shared]:
    return [] if all(each.within(before) for each in now) else list(now)


async def _answer(tx: Transaction, urn: int, pupil_id: UUID, listed: Sequence[Row[Any]], released: int) -> PupilOut:
    pupil = await pupils.pupil(tx, pupil_id)
    assert pupil is not None  # noqa: S101 -- held
    begins, ends = compulsory_age(pupil.date_of_birth)
    return PupilOut(
        id=pupil.id,
        upn=pupil.upn,
        urn=urn,
        compulsory_from=begins,
        compulsory_to=ends,
        parents=[PupilParentOut(ref=row.ref, id=row.parent_id, open_match=row.open_match) for row in listed if row.urn == urn],
        released=released,
    )
