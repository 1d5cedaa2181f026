"""UPNs asserted for a pupil while they are another one's, and the look-up rows of rolls under every UPN."""

from collections.abc import Collection
from uuid import UUID

from services.registers.marks.use_cases.release import release_marks
from services.registers.pupils.repository import identities, pupils, rolls
from services.registers.pupils.repository.identities import UpnChange
from services.registers.pupils.use_cases.dual_registration import read_overlaps
from services.registers.pupils.use_cases.publishing import publish_rolls
from services.registers.schools.repository.schools import lock_schools
from shared import clock
from shared.database import Transaction
from shared.http import CallerInfo


async def end_assertion(tx: Transaction, pupil_id: UUID, asserted: str, reason: str, caller: CallerInfo) -> None:
    """Let a UPN be only that pupil's who has it: the other one, for whom it is asserted, has the number of before. Sees everybody's rows.

    Marks that were sent under it stay with the child whose school sent them; later ones wait in quarantine there.
    """
    owner = await pupils.pupil_by_upn(tx, asserted)
    assert owner is not None  # noqa: S101 -- what is asserted is somebody's
    locked = {row.id: row for row in await pupils.lock(tx, {pupil_id, owner.id})}
    if not await identities.withdraw_assertion(tx, asserted, pupil_id):
        return
    if locked[pupil_id].upn == asserted:
        changes = await identities.changes_of(tx, pupil_id)
        before = next(each.was for each in reversed(changes) if each.became == asserted)
        await identities.change_upn(tx, pupil_id, before, caller.label)
        await identities.add_change(tx, pupil_id, UpnChange(asserted, before, reason, clock.now(), caller.label), caller.role)
    await enrol(tx, [pupil_id, owner.id], caller.subject)
    await publish_rolls(tx, await pupils.lock(tx, [pupil_id, owner.id]))


async def enrol(tx: Transaction, pupil_ids: Collection[UUID], caller: str) -> None:
    """Make the look-up rows of locked pupils' rolls anew under every UPN, and release what was sent under one that was unknown.

    Those of claims too, whose marks are stored. Locks the schools.
    """
    records = await pupils.school_records(tx, pupil_ids)
    spells = {pupil_id: {each.urn: each.pupil.spells for each in records.get(pupil_id, ())} for pupil_id in pupil_ids}
    urns = sorted({urn for own in spells.values() for urn in own})
    await lock_schools(tx, urns)
    for urn in urns:
        await rolls.replace_spells(tx, urn, {pupil_id: own[urn] for pupil_id, own in spells.items() if urn in own})
    await rolls.set_overlaps(tx, (await read_overlaps(tx, pupil_ids)).of)
    for urn in urns:
        await release_marks(tx, urn, [pupil_id for pupil_id, own in spells.items() if urn in own], caller)
