"""Two records of one child (a temporary UPN at one school, a permanent one at another) are put together by an officer.

Nothing that was recorded moves: marks, rolls and parents stay with the record under which they were sent, and go on coming in under it.
The other services learn which records are of one child, and judge them together. So it can be taken back without a trace.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from services.registers.pupils.domain import upn
from services.registers.pupils.domain.same_child import Merger, Record, WrongBirthDate
from services.registers.pupils.repository import identities, parents, pupils, same_child
from services.registers.pupils.repository.pupils import PupilRow
from services.registers.pupils.use_cases.asserted_upns import end_assertion
from services.registers.pupils.use_cases.contacts import propose_matches
from services.registers.pupils.use_cases.dual_registration import Overlaps, read_overlaps, renew_overlaps
from services.registers.pupils.use_cases.history import PupilNotFound
from services.registers.pupils.use_cases.publishing import publish_parents, publish_rolls
from services.registers.schools.repository.schools import lock_schools
from shared import clock
from shared.database import ALL_ROWS, Transaction, all_rows_visible
from shared.database.paging import Listed, PageQuery
from shared.http import CallerInfo, absent, id_in
from shared.ids import new_id
from shared.problems import Conflict, NotFound

WrongBirth = tuple[str, str]
"""The UPN under which the date of birth is wrong, and how that is known."""


class MergerNotFound(NotFound):
    """There is no such merger."""


class AlreadyOneChild(Conflict):
    """The two UPNs are one child's already."""


class MergersInTheWay(Conflict):
    """Each of the two has been put together with another record."""


class BirthDatesDiffer(Conflict):
    """The two records have different dates of birth: name the one that is wrong, and how that is known."""


class BirthDatesAgree(Conflict):
    """The two records have one date of birth: in neither is it wrong by the other."""


class MergerUndone(Conflict):
    """The merger has been undone."""


async def own_merger(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> bool:
    """Return whether a record of a merger was ever on a roll in the caller's authority."""
    merger_id = id_in(path, "merger_id")
    async with all_rows_visible(tx):  # one of the two may be known in another area alone
        found = await same_child.merger(tx, merger_id) if merger_id else None
        return found is not None and await _is_within(tx, caller, (found.survivor.pupil_id, found.absorbed.pupil_id))


async def read_mergers(tx: Transaction, page: PageQuery, la_code: str | None) -> Listed[Merger]:
    """Return mergers, undone ones too, the oldest first."""
    await ALL_ROWS.apply(tx)  # one of the two may be known in another area alone
    return await same_child.merger_page(tx, page, la_code)


async def merge(tx: Transaction, upns: tuple[str, str], reason: str, wrong_birth: WrongBirth | None, caller: CallerInfo) -> Merger:
    """Let two records be of one child; raise PupilNotFound, AlreadyOneChild, MergersInTheWay, BirthDatesDiffer or BirthDatesAgree.

    The child is known by the record with which others have been put together already, else by that with the permanent UPN, else by the
    older one. That both are within reach has been checked. `wrong_birth`: the UPN under which the date of birth is wrong, and how that is known; the child's age goes by the other.
    Where both records' schools have the child at once, the marks within are published again; parents of one name are proposed.
    """
    who = caller.person()
    await ALL_ROWS.apply(tx)  # the two are of different schools
    found = [row for each in upns if (row := await pupils.pupil_by_upn(tx, each))]
    if len(found) < len(upns):
        raise absent(caller, PupilNotFound)
    # Names before pupils before schools, as everywhere.
    await parents.lock_names(tx, await parents.names_of_parents(tx, [row.id for row in found]))
    child = await same_child.child_of(tx, [row.id for row in await pupils.lock(tx, {row.id for row in found})])
    of = {sent: child[row.id] for sent, row in zip(upns, found, strict=True)}
    if len(set(of.values())) == 1:
        raise AlreadyOneChild
    heads = await pupils.lock(tx, sorted(set(of.values())))
    survivor, absorbed = _in_order(heads, Counter(child.values()))
    wrong = next((row for row in heads if wrong_birth and row.id == of[wrong_birth[0]]), None)
    await _check_births(tx, heads, wrong)
    before = await read_overlaps(tx, [row.id for row in heads])
    await lock_schools(tx, before.urns)
    birth = WrongBirthDate(wrong.id, wrong.upn, wrong_birth[1]) if wrong and wrong_birth else None
    merger = Merger(new_id(), Record(survivor.id, survivor.upn), Record(absorbed.id, absorbed.upn), reason, birth, clock.now(), who)
    await same_child.add(tx, merger, caller.role)
    await _publish(tx, before, survivor.id, absorbed.id)
    touched = set()
    for urn, links in (await same_child.links_of(tx, absorbed.id)).items():
        touched |= await propose_matches(tx, urn, links)
    await publish_parents(tx, touched)
    return merger


async def undo(tx: Transaction, merger_id: UUID, reason: str, caller: CallerInfo) -> Merger:
    """Let two records be of two children again, each with what was sent under it, before and since; raise MergerNotFound, MergerUndone.

    Matches of parents that were proposed meanwhile still await their answer.
    """
    who = caller.person()
    await ALL_ROWS.apply(tx)
    found = await same_child.merger(tx, merger_id)
    if found is None:
        raise MergerNotFound
    two = found.survivor.pupil_id, found.absorbed.pupil_id
    await pupils.lock(tx, two)
    found = await same_child.merger(tx, merger_id)
    if found is None or found.undone_at is not None:
        raise MergerUndone
    before = await read_overlaps(tx, [found.survivor.pupil_id])
    await lock_schools(tx, before.urns)
    undone = replace(found, undone_at=clock.now(), undone_by=who, undoing_reason=reason)
    await same_child.undo(tx, undone, caller.role)
    await _publish(tx, before, *two)
    for asserted, pupil_id in await identities.asserted_against(tx, two):
        await end_assertion(tx, pupil_id, asserted, reason, caller)
    return undone


async def _publish(tx: Transaction, before: Overlaps, *touched: UUID) -> None:
    await renew_overlaps(tx, touched, before)
    await publish_rolls(tx, await pupils.lock(tx, touched))


async def _check_births(tx: Transaction, heads: Sequence[PupilRow], wrong: PupilRow | None) -> None:
    """Raise BirthDatesDiffer or BirthDatesAgree unless a date of birth is named as wrong where, and only where, the two differ."""
    right = await same_child.right_births(tx, [row.id for row in heads])
    differ = len({right.get(row.id, row.date_of_birth) for row in heads}) > 1
    if differ and wrong is None:
        raise BirthDatesDiffer
    if wrong and not differ:
        raise BirthDatesAgree


def _in_order(two: Sequence[PupilRow], records: Counter[UUID]) -> tuple[PupilRow, PupilRow]:
    """Return the record by which the child is known, and the other."""
    if all(records[row.id] > 1 for row in two):
        raise MergersInTheWay("Undo one of them first.")
    first, second = sorted(two, key=lambda row: (records[row.id] == 1, upn.kind(row.upn) == "temporary", row.id))
    return first, second


async def _is_within(tx: Transaction, caller: CallerInfo, ids: Sequence[UUID]) -> bool:
    return not caller.la_code or any([await pupils.was_ever_in_area(tx, str(each), caller.la_code) for each in ids])
