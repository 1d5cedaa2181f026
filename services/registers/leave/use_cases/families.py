"""Leave that a parent asks for several children at once: a request for each, which each child's own school decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.registers.leave import repository
from services.registers.leave.repository import Leave
from services.registers.leave.use_cases.requests import (
    AskedLeave,
    LeaveAskedAlready,
    LeaveDecidedAlready,
    LeaveNotFound,
    NewDecision,
    NotOnRoll,
    ParentUnknown,
    decide,
    read_asked,
    read_leave,
    store_asked,
)
from services.registers.marks.domain.patterns import Pattern
from services.registers.schools.use_cases.access import own_schools
from services.registers.schools.use_cases.schools import Stored
from shared.database import Transaction
from shared.http import CallerInfo, id_in
from shared.ids import new_id
from shared.problems import Conflict, Invalid


class FamilyLeaveRefused(Conflict):
    """Leave cannot be asked for one of these children, so it is recorded for none."""


@dataclass(frozen=True, slots=True)
class ChildAtSchool:
    """A child for whom leave is asked, at the school that decides about it."""

    upn: str
    urn: int


@dataclass(frozen=True, slots=True)
class AskedFamilyLeave:
    """What a parent asks for several children, the same for each; `asked_on` None: today."""

    parent_id: UUID
    children: Sequence[ChildAtSchool]
    asked_on: date | None
    starts_on: date
    ends_on: date
    reason: str
    pattern: Pattern

    def of(self, child: ChildAtSchool) -> AskedLeave:
        """Return what is asked for one of the children."""
        days = self.asked_on, self.starts_on, self.ends_on
        return AskedLeave(child.upn, child.urn, None, self.parent_id, *days, self.reason, self.pattern)


@dataclass(frozen=True, slots=True)
class FamilyLeave:
    """The requests of a family that were asked for together, as far as the caller may see them."""

    id: UUID
    items: Sequence[Leave]


async def own_family_leave(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> bool:
    """Return whether one of a family's requests is of the caller's schools, those that they continue among them, or of their authority."""
    family_id = id_in(path, "family_id")
    return family_id is not None and bool(await _visible(tx, family_id, caller))


async def ask_for_family(tx: Transaction, asked: AskedFamilyLeave, caller: CallerInfo) -> Stored[FamilyLeave]:
    """Store that a parent asks for leave for several children, for all of them or for none.

    A request that stands alone and undecided for the same is one of them from then on. Raise what `ask` does, and FamilyLeaveRefused.
    """
    requests = [await _read(tx, asked, number, caller) for number in range(len(asked.children))]
    if len({each.pupil_id for each in requests}) < len(requests):
        raise Invalid("Each child is named once.")
    for each in sorted(requests, key=lambda each: each.pupil_id):
        await repository.lock_pupil(tx, each.pupil_id)
    stored = []
    for number, each in enumerate(requests, start=1):
        try:
            stored.append(await store_asked(tx, each, asked.asked_on))
        except LeaveAskedAlready as refusal:
            raise FamilyLeaveRefused(f"Child {number}: {refusal.detail}") from refusal
    shared = sorted({each.value.family_id for each in stored if each.value.family_id})
    family_id = shared[0] if shared else new_id()
    await repository.join_family(tx, [each.value.id for each in stored], family_id)
    items = [await read_leave(tx, each.value.id) for each in stored]
    return Stored(FamilyLeave(family_id, items), new=any(each.new for each in stored))


async def decide_for_family(tx: Transaction, family_id: UUID, made: NewDecision, caller: CallerInfo) -> FamilyLeave:
    """Store one decision about every request of a family that awaits one and is the caller's to decide; each has its letters.

    Raise LeaveNotFound, LeaveDecidedAlready where none awaits one, LeaveNotPossible.
    """
    mine = await _visible(tx, family_id, caller)
    if not mine:
        raise LeaveNotFound
    for leave_id in sorted(each.id for each in mine):
        await repository.lock(tx, leave_id)
    asked = [each for each in await _visible(tx, family_id, caller) if each.state == "asked"]
    if not asked:
        raise LeaveDecidedAlready("None of these requests awaits a decision.")
    return FamilyLeave(family_id, [await decide(tx, each.id, made, caller) for each in asked])


async def read_family_leave(tx: Transaction, family_id: UUID, caller: CallerInfo) -> FamilyLeave:
    """Return the requests of a family that the caller may see; raise LeaveNotFound."""
    mine = await _visible(tx, family_id, caller)
    if not mine:
        raise LeaveNotFound
    return FamilyLeave(family_id, [await read_leave(tx, each.id) for each in mine])


async def _read(tx: Transaction, asked: AskedFamilyLeave, number: int, caller: CallerInfo) -> repository.NewRequest:
    try:
        return await read_asked(tx, asked.of(asked.children[number]), caller)
    except (NotOnRoll, ParentUnknown) as refusal:
        raise FamilyLeaveRefused(f"Child {number + 1}: {refusal.title()}.") from refusal


async def _visible(tx: Transaction, family_id: UUID, caller: CallerInfo) -> list[Leave]:
    urns = await own_schools(tx, caller)
    found = await repository.family(tx, family_id)
    if urns is not None:
        return [each for each in found if each.urn in urns]
    return [each for each in found if caller.la_code in {None, each.la_code}]
