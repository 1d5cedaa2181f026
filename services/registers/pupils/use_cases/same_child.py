"""Two records of one child (a temporary UPN at one school, a permanent one at another) are one child, by an officer's word.

Nothing that was recorded moves: marks, rolls and parents stay with the record under which they were sent, and go on coming in under it.
The other services are told which records are of one child, and judge them together. So it can be taken back without a trace.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.registers.pupils.domain import upn
from services.registers.pupils.repository import parents, pupils, same_child
from services.registers.pupils.schemas.same_child import MergerIn, MergerOut, RecordOut, WrongBirthDateOut
from services.registers.pupils.use_cases.dual_registration import share_anew, shares
from services.registers.pupils.use_cases.history import PupilNotFound
from services.registers.pupils.use_cases.publishing import say_parents_of, say_rolls
from services.registers.pupils.use_cases.pupils import propose_matches
from services.registers.schools.repository import schools
from shared import clock
from shared.database import ALL_ROWS, Transaction
from shared.http import CallerInfo
from shared.ids import new_id
from shared.problems import Conflict, Forbidden, Invalid, NotFound


class MergerNotFound(NotFound):
    """There is no such merger."""


class AlreadyOneChild(Conflict):
    """The two UPNs are one child's already."""


class MergersInTheWay(Conflict):
    """Each of the two has been put together with another record."""


class BirthDatesDiffer(Conflict):
    """The two records have different dates of birth: say in which one it is wrong, and how that is known."""


class BirthDatesAgree(Conflict):
    """The two records have one date of birth: in neither is it wrong by the other."""


class MergerUndone(Conflict):
    """The merger has been undone."""


async def read_mergers(tx: Transaction, after: str | None, limit: int, la_code: str | None) -> list[MergerOut]:
    """Return up to `limit + 1` mergers, undone ones too, the oldest first."""
    try:
        start = UUID(after) if after else None
    except ValueError:
        raise Invalid("`after` is the `next` of the page before.") from None
    await ALL_ROWS.apply(tx)  # one of the two may be known in another area alone
    return [_shown(row) for row in await same_child.mergers(tx, start, limit + 1, la_code)]


async def merge(tx: Transaction, body: MergerIn, caller: CallerInfo) -> MergerOut:
    """Let two records be of one child; raise PupilNotFound, AlreadyOneChild, MergersInTheWay, BirthDatesDiffer or BirthDatesAgree.

    The child is known by the record with which others have been put together already, else by that with the permanent UPN, else by the
    older one. Of two dates of birth the officer says which is wrong: the child's age goes by the other. Where both records' schools have the child at once, the marks within are said again; parents of one name are proposed.
    """
    who = caller.person()
    await ALL_ROWS.apply(tx)  # the two are of different schools
    found = [await pupils.pupil_by_upn(tx, each) for each in body.upns]
    if None in found:
        raise PupilNotFound
    await _require_area(tx, caller, [row.id for row in found if row])
    # Names before pupils before schools, as everywhere.
    listed = [row for row in found if row]
    await parents.lock_names(tx, [row.name_key for row in await parents.contacts_of_pupils(tx, [row.id for row in listed])])
    held = await pupils.hold(tx, {row.id for row in listed})
    child = await same_child.together(tx, [row.id for row in held])
    ones = sorted({child[row.id] for row in held})
    if len(ones) == 1:
        raise AlreadyOneChild
    heads = await pupils.hold(tx, ones)
    survivor, absorbed = _order(heads, Counter(child.values()))
    of = {sent: child[row.id] for sent, row in zip(body.upns, listed, strict=True)}
    wrong_birth = await _wrong_birth(tx, heads, of[body.wrong_birth_date.upn] if body.wrong_birth_date else None)
    before, urns = await shares(tx, ones)
    await schools.lock_schools(tx, urns)
    merger_id = new_id()
    decision = {"reason": body.reason, "decided_at": clock.now(), "decided_by": who, "role": caller.role}
    if body.wrong_birth_date:
        decision |= {"wrong_birth": wrong_birth, "wrong_birth_reason": body.wrong_birth_date.reason}
    await same_child.add(tx, id=merger_id, survivor=survivor, absorbed=absorbed, **decision)
    await _follow(tx, before, survivor, absorbed)
    touched = set()
    for urn, links in (await same_child.links_of(tx, absorbed)).items():
        touched |= await propose_matches(tx, urn, links)
    await say_parents_of(tx, touched)
    return await _read(tx, merger_id)


async def undo(tx: Transaction, merger_id: UUID, reason: str, caller: CallerInfo) -> MergerOut:
    """Let two records be of two children again, each with what was sent under it, before and since; raise MergerNotFound, MergerUndone.

    Matches of parents that were proposed meanwhile still await their answer.
    """
    who = caller.person()
    await ALL_ROWS.apply(tx)
    known = await same_child.merger(tx, merger_id)
    if known is None:
        raise MergerNotFound
    await _require_area(tx, caller, [known.survivor, known.absorbed])
    await pupils.hold(tx, [known.survivor, known.absorbed])
    known = await same_child.merger(tx, merger_id)
    if known is None or known.undone_at is not None:
        raise MergerUndone
    before, urns = await shares(tx, [known.survivor])
    await schools.lock_schools(tx, urns)
    taken_back = {"undone_at": clock.now(), "undone_by": who, "undone_role": caller.role, "undoing_reason": reason}
    await same_child.take_back(tx, merger_id, **taken_back)
    await _follow(tx, before, known.survivor, known.absorbed)
    return await _read(tx, merger_id)


async def _follow(tx: Transaction, before: Any, *touched: UUID) -> None:
    now, _ = await shares(tx, touched)
    await share_anew(tx, before, now)
    await say_rolls(tx, await pupils.hold(tx, touched))


async def _wrong_birth(tx: Transaction, heads: Sequence[Row[Any]], wrong: UUID | None) -> UUID | None:
    """Return the record that the officer says has the wrong date of birth, where there is one and has to be one."""
    right = await same_child.right_births(tx, [row.id for row in heads])
    differ = len({right.get(row.id, row.date_of_birth) for row in heads}) > 1
    if differ and wrong is None:
        raise BirthDatesDiffer
    if wrong and not differ:
        raise BirthDatesAgree
    return wrong


def _order(two: Any, records: Counter[UUID]) -> tuple[UUID, UUID]:
    if all(records[row.id] > 1 for row in two):
        raise MergersInTheWay("Undo one of them first.")
    first, second = sorted(two, key=lambda row: (records[row.id] == 1, upn.kind(row.upn) == "temporary", row.id))
    return first.id, second.id


async def _require_area(tx: Transaction, caller: CallerInfo, ids: list[UUID]) -> None:
    if caller.la_code and not any([await pupils.was_ever_in_area(tx, str(each), caller.la_code) for each in ids]):
        raise Forbidden("Neither of the two is known to a school of this authority.")


async def _read(tx: Transaction, merger_id: UUID) -> MergerOut:
    row = await same_child.merger(tx, merger_id)
    assert row is not None  # noqa: S101 -- stored
    return _shown(row)


def _shown(row: Row[Any]) -> MergerOut:
    same = ("id", "reason", "decided_at", "decided_by", "undone_at", "undone_by", "undoing_reason")
    upns = {row.survivor: row.survivor_upn, row.absorbed: row.absorbed_upn}
    wrong = row.wrong_birth and WrongBirthDateOut(pupil_id=row.wrong_birth, upn=upns[row.wrong_birth], reason=row.wrong_birth_reason)
    return MergerOut(
        survivor=RecordOut(pupil_id=row.survivor, upn=row.survivor_upn),
        absorbed=RecordOut(pupil_id=row.absorbed, upn=row.absorbed_upn),
        wrong_birth_date=wrong,
        **{name: getattr(row, name) for name in same},
    )
