"""A pupil's UPN changes: a temporary one becomes permanent, a wrong one is put right. Both find the pupil from then on."""

from collections.abc import Sequence
from uuid import UUID

from services.registers.marks.domain.rolls import Spell
from services.registers.marks.use_cases.registers import release_marks
from services.registers.pupils.domain import upn
from services.registers.pupils.repository import identities, pupils
from services.registers.pupils.schemas.pupils import IdentityOut, UpnChangeIn, UpnChangeOut
from services.registers.pupils.use_cases.dual_registration import shares
from services.registers.pupils.use_cases.history import PupilNotFound
from services.registers.pupils.use_cases.publishing import say_rolls
from services.registers.pupils.use_cases.pupils import UpnInvalid
from services.registers.schools.repository import schools
from shared.database import Transaction, all_rows_visible
from shared.http import CallerInfo
from shared.problems import Conflict


class UpnNotPermanent(Conflict):
    """A permanent UPN does not give way to a temporary one."""


class UpnTaken(Conflict):
    """That UPN is another pupil's."""


async def read_identity(tx: Transaction, pupil_upn: str) -> IdentityOut:
    """Return a pupil's UPNs and how they changed, by any of them; raise PupilNotFound."""
    pupil = await pupils.pupil_by_upn(tx, pupil_upn)
    if pupil is None:
        raise PupilNotFound
    changes = [UpnChangeOut.model_validate(row) for row in await identities.changes_of(tx, pupil.id)]
    known = list(await identities.upns_of(tx, pupil.id))
    return IdentityOut(pupil_id=pupil.id, upn=pupil.upn, upn_kind=upn.kind(pupil.upn), upns=known, changes=changes)


async def change_upn(tx: Transaction, pupil_upn: str, body: UpnChangeIn, caller: CallerInfo) -> IdentityOut:
    """Give a pupil another UPN; raise PupilNotFound, UpnInvalid, UpnNotPermanent, UpnTaken. The same again changes nothing.

    Registers of every school find the pupil by either; quarantined marks under the new one are taken in.
    """
    if not upn.is_valid(body.new_upn):
        raise UpnInvalid
    found = await pupils.pupil_by_upn(tx, pupil_upn)
    if found is None:
        raise PupilNotFound
    async with all_rows_visible(tx):  # whose the number is, and the pupil's other schools, whoever sent it
        await _change(tx, found.id, body, caller)
    return await read_identity(tx, body.new_upn)


async def _change(tx: Transaction, pupil_id: UUID, body: UpnChangeIn, caller: CallerInfo) -> None:
    (held,) = await pupils.hold(tx, [pupil_id])
    if held.upn == body.new_upn:
        return
    if upn.kind(body.new_upn) == "temporary" and upn.kind(held.upn) == "permanent":
        raise UpnNotPermanent("A temporary UPN is for a pupil whose permanent one is not known yet; it goes on finding the pupil.")
    if await identities.take_upn(tx, body.new_upn, held.id) != held.id:
        raise UpnTaken("Two records of one child are put together by hand: the UPN stays with the pupil who has it.")
    by = caller.name or caller.subject
    rows = await pupils.rolls(tx, held.id)
    await schools.lock_schools(tx, {row.urn for row in rows})
    await identities.change_upn(tx, held.id, body.new_upn, by)
    change = {"was": held.upn, "became": body.new_upn, "reason": body.reason, "changed_by": by, "role": caller.role}
    await identities.add_change(tx, pupil_id=held.id, **change)
    await _enrol(tx, held.id, [Spell(row.urn, row.admitted_on, row.left_on) for row in rows], caller.subject)
    await say_rolls(tx, await pupils.hold(tx, [held.id]))


async def _enrol(tx: Transaction, pupil_id: UUID, spells: Sequence[Spell], caller: str) -> None:
    """Make the look-up rows of a pupil's rolls anew under every UPN, and take in what was sent under one that was unknown. The schools are held."""
    urns = sorted({spell.urn for spell in spells})
    for urn in urns:
        await pupils.replace_spells(tx, urn, {pupil_id: [spell for spell in spells if spell.urn == urn]})
    now, _ = await shares(tx, [pupil_id])
    await pupils.set_shared(tx, now)
    for urn in urns:
        await release_marks(tx, urn, [pupil_id], caller)
