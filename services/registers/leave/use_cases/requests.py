"""Leave of absence: a parent asks, a named person of the school decides, every parent gets a letter (SI 2024/208 reg. 11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from uuid import UUID

from services.registers.law import NATIONAL, law_of
from services.registers.leave import domain, repository
from services.registers.leave.domain import TRANSITIONS, Code, NotPossible, Outcome, State
from services.registers.leave.repository import Leave, NewRequest, SiblingRow
from services.registers.marks.domain.patterns import Pattern, touches
from services.registers.marks.use_cases.republishing import publish_against_leave
from services.registers.pupils.repository import parents, pupils, rolls
from services.registers.pupils.repository.parents import ParentRow
from services.registers.pupils.use_cases.history import PupilNotFound
from services.registers.schools.repository.schools import renew_roll_version
from services.registers.schools.use_cases.access import own_schools, require_area
from services.registers.schools.use_cases.schools import Stored, read_school
from shared import clock
from shared.contracts.registers import LeaveDecided
from shared.database import Database, Transaction, all_rows_visible
from shared.database.paging import Listed, PageQuery
from shared.http import CallerInfo, absent, id_in
from shared.ids import new_id
from shared.messaging import publish
from shared.problems import Conflict, Forbidden, Invalid, NotFound

BATCH_SIZE = 500
"""Requests that one transaction deletes."""


class LeaveNotFound(NotFound):
    """There is no such request for leave."""


class LeaveDecidedAlready(Conflict):
    """The request has been decided."""


class LeaveAskedAlready(Conflict):
    """The same parent has asked for leave on the same days, and it has not been decided."""


class LeaveNotWithdrawable(Conflict):
    """The request cannot be withdrawn."""


class LeaveNotPossible(Conflict):
    """The law does not allow this leave."""


class NotOnRoll(Conflict):
    """The pupil is not on this school's roll when the leave begins."""


class ParentUnknown(Conflict):
    """That person is not known as a parent of this pupil at this school."""


@dataclass(frozen=True, slots=True)
class AskedLeave:
    """What a parent asks for: the parent by the school's own id of the contact, or by id; `asked_on` None: today.

    `pattern`: for which sessions of every week; empty: for all of them.
    """

    upn: str
    urn: int
    parent_ref: str | None
    parent_id: UUID | None
    asked_on: date | None
    starts_on: date
    ends_on: date
    reason: str
    pattern: Pattern = ()


@dataclass(frozen=True, slots=True)
class NewDecision:
    """What a person decides; `pattern`: for which sessions of every week leave is granted, empty: for those asked for."""

    outcome: Outcome
    code: Code | None
    reason: str
    pattern: Pattern = ()


async def own_leave(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> bool:
    """Return whether a request for leave is one of the caller's schools', those that they continue among them, or of their authority."""
    leave_id = id_in(path, "leave_id")
    row = await repository.request(tx, leave_id) if leave_id else None
    if row is None:
        return False
    urns = await own_schools(tx, caller)
    return row.urn in urns if urns is not None else row.la_code == caller.la_code


async def ask(tx: Transaction, asked: AskedLeave, caller: CallerInfo) -> Stored[Leave]:
    """Store that a parent asks for leave.

    The same again while it is undecided is the same request: a school's system that got no response sends it once more. Another reason,
    other sessions of the week or another day of asking, for the same days is not; whichever is right, a person decides, by withdrawing the
    one that stands.
    Raise SchoolNotFound, PupilNotFound, NotOnRoll, ParentUnknown, LeaveAskedAlready.
    """
    request = await read_asked(tx, asked, caller)
    await repository.lock_pupil(tx, request.pupil_id)
    return await store_asked(tx, request, asked.asked_on)


async def read_asked(tx: Transaction, asked: AskedLeave, caller: CallerInfo) -> NewRequest:
    """Return what a parent asks for as it would be stored; raise SchoolNotFound, PupilNotFound, NotOnRoll, ParentUnknown."""
    if caller.bound and asked.urn not in caller.schools:
        raise Forbidden("This token is not for that school.")
    await require_area(tx, caller, asked.urn)
    today = clock.today()
    asked_on = asked.asked_on or today
    if asked_on > today:
        raise Invalid("asked_on lies in the future")
    await read_school(tx, asked.urn)
    pupil = await pupils.pupil_at(tx, asked.urn, asked.upn)
    if pupil is None:
        raise absent(caller, PupilNotFound)
    if not any(row.urn == asked.urn and row.spell.covers(asked.starts_on) for row in await rolls.rolls(tx, pupil.id)):
        raise NotOnRoll
    parent = await _parent(tx, pupil.id, asked)
    return NewRequest(
        id=new_id(),
        pupil_id=pupil.id,
        urn=asked.urn,
        parent_id=parent.parent_id,
        lives_with_pupil=parent.lives_with_pupil,
        asked_on=asked_on,
        starts_on=asked.starts_on,
        ends_on=asked.ends_on,
        reason=asked.reason,
        pattern=_with_sessions(asked.pattern, asked),
        recorded_by=caller.label,
        recorded_role=caller.role,
    )


async def store_asked(tx: Transaction, request: NewRequest, asked_on: date | None) -> Stored[Leave]:
    """Store a request, or return the same one that stands undecided; `asked_on`: the day that was sent. Raise LeaveAskedAlready.

    The pupil is locked.
    """
    if standing := await repository.undecided(tx, request):
        same = standing.reason == request.reason and standing.pattern == request.pattern
        if not same or (asked_on or standing.asked_on) != standing.asked_on:
            raise LeaveAskedAlready(f"Request {standing.id} of {standing.asked_on} awaits its decision: decide or withdraw it first.")
        return Stored(await read_leave(tx, standing.id), new=False)
    await repository.add_request(tx, request)
    return Stored(await read_leave(tx, request.id), new=True)


async def decide(tx: Transaction, leave_id: UUID, made: NewDecision, caller: CallerInfo) -> Leave:
    """Store a named person's decision and publish it, so that every parent gets a letter; no mark is written.

    Before the leave, as it should be; a decision after it began is recorded as late. Raise LeaveNotFound, LeaveDecidedAlready,
    LeaveNotPossible.
    """
    who = caller.person()
    request = await _lock(tx, leave_id)
    if (request.state, made.outcome) not in TRANSITIONS:
        raise LeaveDecidedAlready(f"It was {request.state} on {request.withdrawn_on or request.decided_on}.")
    if (made.code is None) != (made.outcome == "refused"):
        raise Invalid("Leave is granted as C, C1 or C2; a refusal has no code.")
    if made.pattern and made.outcome == "refused":
        raise Invalid("A refusal has no sessions of the week.")
    pattern = _with_sessions(made.pattern, request) or request.pattern if made.outcome == "granted" else ()
    today = clock.today()
    decision = domain.decide(request, made.outcome, made.code, today, law_of(request.la_code), pattern)
    if isinstance(decision, NotPossible):
        raise LeaveNotPossible(decision.sentence)
    async with all_rows_visible(tx):  # every parent gets a letter, through whatever school they are known
        people = await parents.parents_of(tx, request.pupil_id)
    parent_ids = tuple(sorted({each.parent_id for each in people}))
    decided = replace(
        request,
        state=made.outcome,
        code=decision.code,
        decision_reason=made.reason,
        decided_on=today,
        decided_at=clock.now(),
        decided_by=who,
        decided_role=caller.role,
        late=decision.late,
        findings=[finding.as_json() for finding in decision.findings],
        granted_pattern=pattern,
        decided_parents=parent_ids,
    )
    await repository.store(tx, decided)
    if made.outcome == "granted":
        await _publish_marks(tx, decided)
    await publish(tx, LeaveDecided.of(decided, leave_id=leave_id, parent_ids=parent_ids, start=decided.starts_on, end=decided.ends_on))
    return await _with_siblings(tx, decided)


async def withdraw(tx: Transaction, leave_id: UUID, withdrawn_on: date | None, reason: str, caller: CallerInfo) -> Leave:
    """Store that the parent took the request back (None: today) before the leave began; raise LeaveNotFound, LeaveNotWithdrawable.

    No event about leave is published: the parent knows, and the letters about a decision that was made still stand. Marks that contradicted
    it are published again.
    """
    request = await _lock(tx, leave_id)
    if (request.state, "withdrawn") not in TRANSITIONS:
        raise LeaveNotWithdrawable(f"It was {request.state} on {request.withdrawn_on or request.decided_on}.")
    today = clock.today()
    day = withdrawn_on or today
    if day > today:
        raise Invalid("withdrawn_on lies in the future")
    if refusal := domain.check_withdrawal(request, day):
        raise LeaveNotWithdrawable(refusal.sentence)
    withdrawn = replace(
        request,
        state="withdrawn",
        withdrawn_on=day,
        withdrawal_reason=reason,
        withdrawn_at=clock.now(),
        withdrawn_by=caller.label,
        withdrawn_role=caller.role,
    )
    await repository.store(tx, withdrawn)
    if request.state == "granted":
        await _publish_marks(tx, withdrawn)
    return await _with_siblings(tx, withdrawn)


async def read_leave(tx: Transaction, leave_id: UUID) -> Leave:
    """Return a request with its decision and what was decided for siblings; raise LeaveNotFound."""
    request = await repository.request(tx, leave_id)
    if request is None:
        raise LeaveNotFound
    return await _with_siblings(tx, request)


async def read_requests(
    tx: Transaction,
    caller: CallerInfo,
    page: PageQuery,
    *,
    urn: int | None,
    state: State | None,
    upn: str | None,
    district: str | None,
) -> Listed[Leave]:
    """Return the requests that the caller may see: those to be decided by when the leave begins, decided ones the latest first, all as recorded."""
    urns = await own_schools(tx, caller)
    if urn is not None:
        if urns is not None and urn not in urns:
            raise Forbidden("This token is not for that school.")
        urns = frozenset([urn])
    found = await repository.requests(tx, page, urns=urns, la_code=caller.la_code, district=district, state=state, upn=upn)
    siblings = await _siblings(tx, found.rows)
    return found.with_rows([replace(request, siblings=siblings[request.id]) for request in found.rows])


async def delete_leave_requests(database: Database) -> int:
    """Delete requests whose last day and whose decision lie long enough back; return how many.

    They are kept as long as the entries of the register that they explain, and no longer (UK GDPR article 5(1)(e)).
    """
    today = clock.today()
    since = domain.kept_since(today, NATIONAL.at("leave_request_years", today).value)
    async with database.begin() as tx:
        return await repository.delete_requests(tx, since, BATCH_SIZE)


async def _lock(tx: Transaction, leave_id: UUID) -> Leave:
    await repository.lock(tx, leave_id)
    request = await repository.request(tx, leave_id)
    if request is None:
        raise LeaveNotFound
    return request


async def _publish_marks(tx: Transaction, leave: Leave) -> None:
    """Publish the marks of the days of leave again: from now on they contradict it, or do so no longer."""
    await renew_roll_version(tx, leave.urn)
    await publish_against_leave(tx, leave.urn, leave.pupil_id, leave.starts_on, leave.ends_on)


def _with_sessions(pattern: Pattern, days: AskedLeave | Leave) -> Pattern:
    """Return a pattern with the sessions of each of its days; raise Invalid where none of them lies in the days of the leave."""
    noon = time.fromisoformat(NATIONAL.at("afternoon_begins", days.starts_on).value)
    found = tuple(each.with_sessions(noon) for each in pattern)
    if not touches(found, days.starts_on, days.ends_on):
        raise Invalid("None of these sessions of the week lies between the first and the last day of the leave.")
    return found


async def _parent(tx: Transaction, pupil_id: UUID, asked: AskedLeave) -> ParentRow:
    for row in await parents.parents_of(tx, pupil_id):
        named = row.ref == asked.parent_ref if asked.parent_ref else row.parent_id == asked.parent_id
        if named and row.urn == asked.urn:
            return row
    raise ParentUnknown("Send the pupil with this parent first.")


async def _with_siblings(tx: Transaction, request: Leave) -> Leave:
    return replace(request, siblings=(await _siblings(tx, [request]))[request.id])


async def _siblings(tx: Transaction, requests: Sequence[Leave]) -> dict[UUID, tuple[SiblingRow, ...]]:
    async with all_rows_visible(tx):  # at other schools too
        found = await repository.siblings(tx, [request.id for request in requests])
    return {request.id: tuple(each for each in found if each.of == request.id) for request in requests}
