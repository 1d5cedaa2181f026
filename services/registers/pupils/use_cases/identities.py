"""A pupil's UPN changes: a temporary one becomes permanent, a wrong one is put right. Both find the pupil from then on."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.registers.pupils.domain import upn
from services.registers.pupils.repository import identities, pupils, rolls
from services.registers.pupils.repository.identities import UpnChange
from services.registers.pupils.repository.pupils import PupilRow
from services.registers.pupils.use_cases.access import pupil_meant
from services.registers.pupils.use_cases.asserted_upns import enrol
from services.registers.pupils.use_cases.history import PupilNotFound
from services.registers.pupils.use_cases.merger_proposals import propose
from services.registers.pupils.use_cases.publishing import publish_rolls
from services.registers.pupils.use_cases.pupils import UpnInvalid
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


async def read_identity(tx: Transaction, pupil_upn: str, caller: CallerInfo) -> Identity:
    """Return a pupil's UPNs and how they changed, by any of them; raise PupilNotFound."""
    async with all_rows_visible(tx):  # whose the number is
        pupil = await pupil_meant(tx, caller, pupil_upn)
        if pupil is None:
            raise PupilNotFound
        return await _identity(tx, pupil)


async def change_upn(tx: Transaction, pupil_upn: str, new_upn: str, reason: str, caller: CallerInfo) -> Identity:
    """Give a pupil another UPN; raise PupilNotFound, UpnInvalid, UpnNotPermanent, UpnTaken. The same again changes nothing.

    A number of a pupil whom the caller does not reach is taken as recorded, like a free one, since anything else would show that there is such
    a pupil. It is asserted then, and officers are asked whether the two are one child.

    Registers of every school find the pupil by either; quarantined marks under the new one are released.
    """
    if not upn.is_valid(new_upn):
        raise UpnInvalid
    async with all_rows_visible(tx):  # whose the number is, and the pupil's other schools, whoever sent it
        found = await pupil_meant(tx, caller, pupil_upn)
        if found is None:
            raise PupilNotFound
        await _change(tx, found.id, new_upn, reason, caller)
        (changed,) = await pupils.pupils_of(tx, [found.id])
        return await _identity(tx, changed)


async def _identity(tx: Transaction, pupil: PupilRow) -> Identity:
    changes = await identities.changes_of(tx, pupil.id)
    return Identity(pupil.id, pupil.upn, upn.kind(pupil.upn), await identities.upns_of(tx, pupil.id), changes)


async def _change(tx: Transaction, pupil_id: UUID, new_upn: str, reason: str, caller: CallerInfo) -> None:
    (locked,) = await pupils.lock(tx, [pupil_id])
    if locked.upn == new_upn:
        return
    if upn.kind(new_upn) == "temporary" and upn.kind(locked.upn) == "permanent":
        raise UpnNotPermanent("A temporary UPN is for a pupil whose permanent one is not known yet; it goes on finding the pupil.")
    by = caller.label
    if await identities.take_upn(tx, new_upn, pupil_id) != pupil_id:
        if await _is_taken(tx, new_upn, pupil_id, caller):
            raise UpnTaken("Two records of one child are put together by hand: the UPN stays with the pupil who has it.")
        await _assert(tx, locked, new_upn, reason, caller)
    await identities.change_upn(tx, pupil_id, new_upn, by)
    await identities.add_change(tx, pupil_id, UpnChange(locked.upn, new_upn, reason, clock.now(), by), caller.role)
    await enrol(tx, [pupil_id], caller.subject)
    await publish_rolls(tx, await pupils.lock(tx, [pupil_id]))


async def _is_taken(tx: Transaction, new_upn: str, pupil_id: UUID, caller: CallerInfo) -> bool:
    if not caller.bound and caller.la_code is None:
        return True
    return await identities.is_taken_within(tx, new_upn, pupil_id, caller.schools if caller.bound else None, caller.la_code)


async def _assert(tx: Transaction, locked: PupilRow, new_upn: str, reason: str, caller: CallerInfo) -> None:
    """Let a UPN out of the caller's reach find the pupil too, and ask officers, under the one that is surely the pupil's."""
    await identities.assert_upn(tx, new_upn, locked.id)
    asserted = (await identities.asserted_of(tx, [locked.id])).get(locked.id, ())
    own = next(each for each in (locked.upn, *await identities.upns_of(tx, locked.id)) if each not in asserted)
    # Of a pupil at two schools, the authority of the caller's own.
    ranked = sorted(await rolls.rolls(tx, locked.id), key=lambda row: (row.urn in caller.schools, row.admitted_on))
    la_code = caller.la_code or (ranked[-1].la_code if ranked else "")
    await propose(tx, own, new_upn, la_code, reason, caller.label, caller.role)
