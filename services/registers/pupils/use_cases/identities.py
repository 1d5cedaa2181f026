"""A pupil's UPN changes: a temporary one becomes permanent, a wrong one is put right. Both find the pupil from then on."""

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from services.registers.marks.use_cases.release import release_marks
from services.registers.pupils.domain import upn
from services.registers.pupils.repository import identities, pupils, rolls
from services.registers.pupils.repository.identities import UpnChange
from services.registers.pupils.repository.rolls import RollRow
from services.registers.pupils.use_cases.dual_registration import read_overlaps
from services.registers.pupils.use_cases.history import PupilNotFound
from services.registers.pupils.use_cases.merger_proposals import propose
from services.registers.pupils.use_cases.publishing import publish_rolls
from services.registers.pupils.use_cases.pupils import UpnInvalid
from services.registers.schools.repository.schools import lock_schools
from shared import clock
from shared.database import Transaction, all_rows_visible
from shared.http import CallerInfo
from shared.problems import Conflict


class UpnNotPermanent(Conflict):
    """A permanent UPN does not give way to a temporary one."""


class UpnTaken(Conflict):
    """That UPN is another pupil's."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A pupil's UPNs: the present one, every one that finds them, and how they changed."""

    pupil_id: UUID
    upn: str
    upn_kind: Literal["permanent", "temporary"]
    upns: list[str]
    changes: list[UpnChange]
    asked: str | None = None
    """A number that is perhaps another child's, out of the caller's reach: officers look at it, and it is this pupil's only then."""


async def read_identity(tx: Transaction, pupil_upn: str) -> Identity:
    """Return a pupil's UPNs and how they changed, by any of them; raise PupilNotFound."""
    pupil = await pupils.pupil_by_upn(tx, pupil_upn)
    if pupil is None:
        raise PupilNotFound
    changes = await identities.changes_of(tx, pupil.id)
    return Identity(pupil.id, pupil.upn, upn.kind(pupil.upn), await identities.upns_of(tx, pupil.id), changes)


async def change_upn(tx: Transaction, pupil_upn: str, new_upn: str, reason: str, caller: CallerInfo) -> Identity:
    """Give a pupil another UPN; raise PupilNotFound, UpnInvalid, UpnNotPermanent, UpnTaken. The same again changes nothing.

    A number of a pupil whom the caller does not reach is not refused, which would show that there is such a pupil: officers are asked whether
    the two are one child.

    Registers of every school find the pupil by either; quarantined marks under the new one are released.
    """
    if not upn.is_valid(new_upn):
        raise UpnInvalid
    found = await pupils.pupil_by_upn(tx, pupil_upn)
    if found is None:
        raise PupilNotFound
    async with all_rows_visible(tx):  # whose the number is, and the pupil's other schools, whoever sent it
        changed = await _change(tx, found.id, new_upn, reason, caller)
    return await read_identity(tx, new_upn) if changed else replace(await read_identity(tx, pupil_upn), asked=new_upn)


async def _change(tx: Transaction, pupil_id: UUID, new_upn: str, reason: str, caller: CallerInfo) -> bool:
    """Return whether the number is the pupil's now; if not, officers are asked."""
    (locked,) = await pupils.lock(tx, [pupil_id])
    if locked.upn == new_upn:
        return True
    if upn.kind(new_upn) == "temporary" and upn.kind(locked.upn) == "permanent":
        raise UpnNotPermanent("A temporary UPN is for a pupil whose permanent one is not known yet; it goes on finding the pupil.")
    by = caller.label
    stays = await rolls.rolls(tx, pupil_id)
    if await identities.take_upn(tx, new_upn, pupil_id) != pupil_id:
        if await _reaches(tx, caller, new_upn):
            raise UpnTaken("Two records of one child are put together by hand: the UPN stays with the pupil who has it.")
        # Of a pupil at two schools, the authority of the caller's own.
        ranked = sorted(stays, key=lambda row: (row.urn in caller.schools, row.admitted_on))
        la_code = caller.la_code or (ranked[-1].la_code if ranked else "")
        await propose(tx, locked.upn, new_upn, la_code, reason, by, caller.role)
        return False
    await lock_schools(tx, {row.urn for row in stays})
    await identities.change_upn(tx, pupil_id, new_upn, by)
    await identities.add_change(tx, pupil_id, UpnChange(locked.upn, new_upn, reason, clock.now(), by), caller.role)
    await _enrol(tx, pupil_id, stays, caller.subject)
    await publish_rolls(tx, await pupils.lock(tx, [pupil_id]))
    return True


async def _reaches(tx: Transaction, caller: CallerInfo, pupil_upn: str) -> bool:
    if caller.bound:
        return await pupils.was_ever_at(tx, pupil_upn, caller.schools)
    return caller.la_code is None or await pupils.was_ever_in_area(tx, pupil_upn, caller.la_code)


async def _enrol(tx: Transaction, pupil_id: UUID, stays: list[RollRow], caller: str) -> None:
    """Make the look-up rows of a pupil's rolls anew under every UPN, and release what was sent under one that was unknown.

    The schools are locked.
    """
    urns = sorted({row.urn for row in stays})
    for urn in urns:
        await rolls.replace_spells(tx, urn, {pupil_id: [row.spell for row in stays if row.urn == urn]})
    await rolls.set_overlaps(tx, (await read_overlaps(tx, [pupil_id])).of)
    for urn in urns:
        await release_marks(tx, urn, [pupil_id], caller)
