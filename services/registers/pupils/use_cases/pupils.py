"""Pupils at a school: details, roll, parents, and what follows from a roll that arrives; one pupil or a whole school's roll at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.registers.marks.domain import rolls
from services.registers.marks.domain.rolls import Spell
from services.registers.marks.use_cases.registers import release_marks
from services.registers.pupils.domain import parents, upn
from services.registers.pupils.domain.parents import Keys
from services.registers.pupils.repository import parents as people
from services.registers.pupils.repository import pupils, same_child
from services.registers.pupils.schemas.pupils import ParentIn, PupilIn, PupilOut, PupilParentOut
from services.registers.pupils.use_cases.dual_registration import share_anew, shares
from services.registers.pupils.use_cases.publishing import compulsory_age, say_parents_of, say_rolls
from services.registers.schools.repository import schools
from services.registers.schools.use_cases.schools import read_school
from shared.database import Transaction, all_rows_visible
from shared.problems import Invalid


class UpnInvalid(Invalid):
    """The UPN's check letter does not fit its digits."""


class PupilInvalid(Invalid):
    """The pupil's record contradicts itself."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a pupil that was sent: `changed` where anything was not as sent before, `released` marks until then kept apart."""

    pupil_id: UUID
    new: bool
    changed: bool
    released: int


@dataclass(frozen=True, slots=True)
class _Sent:
    pupil_id: UUID
    body: PupilIn
    spells: Sequence[Spell]
    values: Mapping[str, Any]
    before: Row[Any] | None

    def differs(self, *names: str) -> bool:
        return self.before is None or any(getattr(self.before, name) != self.values[name] for name in names or self.values)


async def put_pupil(tx: Transaction, urn: int, pupil_upn: str, body: PupilIn, caller: str) -> tuple[PupilOut, bool]:
    """Store the whole truth about a pupil at a school in place of what was; return it and whether it is new there."""
    check_pupil(pupil_upn, body)
    async with all_rows_visible(tx):
        stored = (await store_pupils(tx, urn, {pupil_upn: body}, caller))[pupil_upn]
        pupil = await pupils.pupil(tx, stored.pupil_id)
        assert pupil is not None  # noqa: S101 -- held
        listed = await people.parents_of(tx, pupil.id)
        born = await same_child.birth_of(tx, pupil.id)
    begins, ends = compulsory_age(born or pupil.date_of_birth)
    known = PupilOut(
        id=pupil.id,
        upn=pupil.upn,
        upn_kind=upn.kind(pupil.upn),
        urn=urn,
        compulsory_from=begins,
        compulsory_to=ends,
        parents=[PupilParentOut(ref=row.ref, id=row.parent_id, open_match=row.open_match) for row in listed if row.urn == urn],
        released=stored.released,
    )
    return known, stored.new


def check_pupil(pupil_upn: str, body: PupilIn) -> None:
    """Raise UpnInvalid or PupilInvalid where a pupil cannot be as sent."""
    if not upn.is_valid(pupil_upn):
        raise UpnInvalid
    if body.date_of_birth >= body.admitted_on:
        raise PupilInvalid("date_of_birth is not before admitted_on")
    if wrong := rolls.fault(_spells(0, body)):
        raise PupilInvalid(wrong)
    if len({each.ref for each in body.parents}) < len(body.parents):
        raise PupilInvalid("two parents have the same ref")


async def store_pupils(tx: Transaction, urn: int, sent: Mapping[str, PupilIn], caller: str) -> dict[str, Stored]:
    """Store pupils, which have been checked, at a school in place of what was; return what became of each UPN.

    Says rolls and parents where they changed; where two rolls newly overlap, says the marks within again; takes in quarantined marks
    that the rolls explain. Sees everybody's rows: pupils and parents are one person at every school. Locks names, pupils, other pupils, schools, in this order. Two UPNs of one pupil: the one sent last counts.
    """
    await read_school(tx, urn)
    keyed = [(each.ref, _keys(each)) for body in sent.values() for each in body.parents]
    await people.lock_names(tx, [key.name for _, key in keyed])
    held = await pupils.hold_or_make(tx, {pupil_upn: body.date_of_birth for pupil_upn, body in sent.items()}, caller)
    known = await pupils.at_school(tx, urn, {pupil.id for pupil in held.values()})
    now = {held[pupil_upn].id: _sent(urn, held[pupil_upn].id, body, known) for pupil_upn, body in sent.items()}
    await pupils.store_at_school(tx, urn, {each.pupil_id: each.values for each in now.values() if each.differs()}, caller)
    by_id = {pupil.id: pupil for pupil in held.values()}
    # Where two schools disagree, the one counts that said it last: not the one that repeated what it had always said.
    births = {
        each.pupil_id: each.body.date_of_birth
        for each in now.values()
        if by_id[each.pupil_id].date_of_birth != each.body.date_of_birth and each.differs("date_of_birth")
    }
    await pupils.change_births(tx, births, caller)
    await _store_parents(tx, urn, list(now.values()), dict(keyed), caller)
    moved = {each.pupil_id: each.spells for each in now.values() if each.differs("spells")}
    released = await _change_rolls(tx, urn, moved, caller) if moved else {}
    # A child is of the age that the record with the right date of birth makes it.
    known_by = (await same_child.together(tx, births)).values() if births else ()
    await _say(tx, {*births, *moved, *known_by})
    return {
        pupil_upn: Stored(pupil.id, now[pupil.id].before is None, now[pupil.id].differs(), released.get(pupil.id, 0))
        for pupil_upn, pupil in held.items()
    }


async def _say(tx: Transaction, pupil_ids: set[UUID]) -> None:
    if pupil_ids:
        await say_rolls(tx, await pupils.hold(tx, pupil_ids))


def _sent(urn: int, pupil_id: UUID, body: PupilIn, known: Mapping[UUID, Row[Any]]) -> _Sent:
    spells = _spells(urn, body)
    return _Sent(pupil_id, body, spells, _values(body, spells), known.get(pupil_id))


def _spells(urn: int, body: PupilIn) -> list[Spell]:
    spells = [Spell(urn, each.admitted_on, each.left_on) for each in body.earlier_spells]
    return sorted([*spells, Spell(urn, body.admitted_on, body.left_on)], key=lambda spell: spell.admitted_on)


def _values(body: PupilIn, spells: Sequence[Spell]) -> dict[str, Any]:
    dates = [[each.admitted_on.isoformat(), each.left_on.isoformat() if each.left_on else None] for each in spells]
    details = {name: getattr(body, name) for name in ("forename", "surname", "date_of_birth", "year_group")}
    return {**details, "spells": dates, "parents": [_link(each) for each in body.parents]}


def _link(parent: ParentIn) -> dict[str, Any]:
    return {name: getattr(parent, name) for name in ("ref", "relationship", "lives_with_pupil", "liability_basis")}


def _keys(parent: ParentIn) -> Keys:
    return parents.keys(parent.forename, parent.surname, parent.address, parent.email, parent.phone)


async def _store_parents(tx: Transaction, urn: int, sent: Sequence[_Sent], keys: Mapping[str, Keys], caller: str) -> None:
    """Store the contacts and whose parents they are; propose likely matches; say the parents of everyone whom this touches."""
    contacts = {parent.ref: parent for each in sent for parent in each.body.parents}
    touched = await _store_contacts(tx, urn, contacts, keys, caller)
    linked = {each.pupil_id: each.values["parents"] for each in sent if each.differs("parents")}
    if linked:
        await people.link_parents(tx, urn, linked)
    links = [
        (each.pupil_id, parent.ref) for each in sent for parent in each.body.parents if each.pupil_id in linked or parent.ref in touched
    ]
    affected = await propose_matches(tx, urn, links) if links else set()
    await say_parents_of(tx, affected | set(linked))


async def _store_contacts(tx: Transaction, urn: int, sent: Mapping[str, ParentIn], keys: Mapping[str, Keys], caller: str) -> set[str]:
    """Store the contacts that are new or changed; return their references."""
    if not sent:
        return set()
    known = await people.contacts_of(tx, urn, sent)
    changed = {}
    for ref, parent in sent.items():
        key = keys[ref]
        values = parent.model_dump(include={"forename", "surname", "address", "email", "phone"})
        values |= {"name_key": key.name, "postcode_key": key.postcode, "email_key": key.email, "phone_key": key.phone}
        before = known.get(ref)
        if before is None or any(getattr(before, name) != value for name, value in values.items()):
            changed[ref] = values
    persons = {ref: row.parent_id for ref, row in known.items()} | await _persons(
        tx, urn, {ref: keys[ref] for ref in sent if ref not in known}
    )
    await people.store_contacts(tx, urn, {ref: {**values, "parent_id": persons[ref]} for ref, values in changed.items()}, caller)
    return set(changed)


async def _persons(tx: Transaction, urn: int, new: Mapping[str, Keys]) -> dict[str, UUID]:
    """Return the person behind each contact that is new at this school: made, unless a school that it continues knew them.

    There a contact of the same reference and the same name is the same person: it is the same school under another URN.
    """
    if not new:
        return {}
    persons = {row.ref: row.parent_id for row in await people.contacts_before(tx, urn, new) if row.name_key == new[row.ref].name}
    unknown = [ref for ref in new if ref not in persons]
    return persons | dict(zip(unknown, await people.make_parents(tx, len(unknown)), strict=True))


async def propose_matches(tx: Transaction, urn: int, links: Sequence[tuple[UUID, str]]) -> set[UUID]:
    """Propose likely matches of these contacts; return the pupils of everyone for whom one was proposed."""
    rows = await people.namesakes(tx, urn, links, await same_child.others(tx, {pupil_id for pupil_id, _ in links}))
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


async def _change_rolls(tx: Transaction, urn: int, spells: Mapping[UUID, Sequence[Spell]], caller: str) -> dict[UUID, int]:
    """Store spells, say marks again where rolls newly overlap, and release quarantined marks; return how many of each pupil's."""
    before, urns = await shares(tx, spells)
    # Held before the rolls change: a register sees either the old roll, and we see what it kept apart, or the new one.
    await schools.lock_schools(tx, {urn, *urns})
    await pupils.replace_spells(tx, urn, spells)
    now, _ = await shares(tx, spells)
    await share_anew(tx, before, now)
    return await release_marks(tx, urn, list(spells), caller)
