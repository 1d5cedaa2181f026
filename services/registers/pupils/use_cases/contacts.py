"""The contacts of a school: who stands behind each, whose parents they are, and who may be one person."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.registers.pupils.domain.parents import ContactDetails, ParentLink, agreements
from services.registers.pupils.repository import matches, parents, same_child
from services.registers.pupils.repository.parents import ContactRow
from services.registers.pupils.use_cases.publishing import publish_parents
from shared.database import Transaction


async def store_parents(
    tx: Transaction,
    urn: int,
    sent: Mapping[str, ContactDetails],
    links: Mapping[UUID, Sequence[ParentLink]],
    changed: frozenset[UUID],
    caller: str,
) -> None:
    """Store contacts and whose parents they are, propose likely matches, and publish the parents of every pupil whom this touches.

    `links`: the parents of each pupil that was sent; `changed`: the pupils whose parents are not as before.
    """
    touched = await _store_contacts(tx, urn, sent, caller)
    if changed:
        await parents.link_parents(tx, urn, {pupil_id: links[pupil_id] for pupil_id in links if pupil_id in changed})
    new = [(pupil_id, link.ref) for pupil_id, own in links.items() for link in own if pupil_id in changed or link.ref in touched]
    affected = await propose_matches(tx, urn, new) if new else set()
    await publish_parents(tx, affected | changed)


async def _store_contacts(tx: Transaction, urn: int, sent: Mapping[str, ContactDetails], caller: str) -> set[str]:
    """Store the contacts that are new or changed; return their references."""
    if not sent:
        return set()
    before = await parents.contacts_of(tx, urn, sent)
    persons = {ref: contact.parent_id for ref, contact in before.items()}
    persons |= await _persons(tx, urn, {ref: details for ref, details in sent.items() if ref not in before})
    changed = [ref for ref, details in sent.items() if ref not in before or before[ref].details != details]
    await parents.store_contacts(tx, urn, [ContactRow(ref, persons[ref], sent[ref]) for ref in changed], caller)
    return set(changed)


async def _persons(tx: Transaction, urn: int, new: Mapping[str, ContactDetails]) -> dict[str, UUID]:
    """Return the person behind each contact that is new at this school: made, unless a school that it continues knew them.

    There a contact of the same reference and the same name is the same person: it is the same school under another URN.
    """
    if not new:
        return {}
    persons = await parents.persons_before(tx, urn, {ref: details.keys.name for ref, details in new.items()})
    unknown = [ref for ref in new if ref not in persons]
    return persons | dict(zip(unknown, await parents.make_parents(tx, len(unknown)), strict=True))


async def propose_matches(tx: Transaction, urn: int, links: Sequence[tuple[UUID, str]]) -> set[UUID]:
    """Propose likely matches of these contacts (pupil, reference); return the pupils of everyone for whom one was proposed."""
    namesakes = await matches.namesakes(tx, urn, links, await same_child.other_records(tx, {pupil_id for pupil_id, _ in links}))
    if not namesakes:
        return set()
    before = await matches.proposed_pairs(tx, list({row.parent_id for row in namesakes}))
    proposed: dict[tuple[UUID, UUID], set[str]] = {}
    for row in namesakes:
        pair = (min(row.parent_id, row.other_id), max(row.parent_id, row.other_id))
        if pair not in before:
            proposed.setdefault(pair, set()).update(agreements(row.keys, row.other_keys, same_child=row.same_child))
    await matches.propose(tx, proposed)
    return await parents.pupils_of(tx, {person for pair in proposed for person in pair})
