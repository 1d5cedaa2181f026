"""Leave of absence: a parent asks, a named person of the school decides, every parent is told (SI 2024/208 reg. 11)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.registers.law import law_of
from services.registers.leave import repository
from services.registers.leave.domain import TRANSITIONS, Decision, NotPossible, Outcome, Request, State
from services.registers.leave.domain import decide as judge
from services.registers.leave.domain import withdraw as withdrawable
from services.registers.leave.schemas import (
    LeaveDecision,
    LeaveDecisionIn,
    LeaveIn,
    LeaveOut,
    LeaveWithdrawal,
    LeaveWithdrawalIn,
    SiblingLeave,
)
from services.registers.marks.domain.rolls import Spell
from services.registers.pupils.repository import parents, pupils
from services.registers.pupils.use_cases.history import PupilNotFound
from services.registers.schools.repository import schools
from services.registers.schools.use_cases.access import own_schools
from services.registers.schools.use_cases.schools import read_school
from shared import clock
from shared.contracts.registers import LeaveDecided
from shared.database import Transaction, all_rows_visible
from shared.http import CallerInfo
from shared.ids import new_id
from shared.messaging import publish
from shared.problems import Conflict, Forbidden, Invalid, NotFound


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


async def may_see_leave(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> None:
    """Refuse a request of another school or authority; to a school also one that does not exist."""
    try:
        async with all_rows_visible(tx):  # so that an officer is told whose it is
            row = await repository.request(tx, UUID(path["leave_id"]))
    except ValueError:
        row = None
    urns = await own_schools(tx, caller)
    if urns is not None and (row is None or row.urn not in urns):
        raise Forbidden("This request is not one of your schools'.")
    if row is not None and caller.la_code not in {None, row.la_code}:
        raise Forbidden("That school belongs to another authority.")


async def ask(tx: Transaction, body: LeaveIn, caller: CallerInfo) -> tuple[LeaveOut, bool]:
    """Store that a parent asks for leave; return the request and whether it is new.

    The same again while it is undecided is the same request: a school's system that heard no answer sends it once more. Another
    reason, or another day of asking, for the same days is not; whichever is right, a person says, by withdrawing the one that stands.
    Raise SchoolNotFound, PupilNotFound, NotOnRoll, ParentUnknown, LeaveAskedAlready.
    """
    if caller.bound and body.urn not in caller.schools:
        raise Forbidden("This token is not for that school.")
    if caller.la_code and not await schools.is_within(tx, body.urn, caller.la_code):
        raise Forbidden("That school belongs to another authority.")
    today = clock.today()
    asked_on = body.asked_on or today
    if asked_on > today:
        raise Invalid("asked_on lies in the future")
    await read_school(tx, body.urn)
    pupil = await pupils.pupil_by_upn(tx, body.upn)
    if pupil is None:
        raise PupilNotFound
    spells = [Spell(row.urn, row.admitted_on, row.left_on) for row in await pupils.rolls(tx, pupil.id)]
    if not any(spell.urn == body.urn and spell.covers(body.starts_on) for spell in spells):
        raise NotOnRoll
    parent = await _parent(tx, pupil.id, body)
    dates = {"starts_on": body.starts_on, "ends_on": body.ends_on}
    same = {"pupil_id": pupil.id, "urn": body.urn, "parent_id": parent.parent_id, **dates}
    await repository.hold_asking(tx, pupil.id)
    if standing := await repository.undecided(tx, **same):
        if standing.reason != body.reason or (body.asked_on or standing.asked_on) != standing.asked_on:
            raise LeaveAskedAlready(f"Request {standing.id} of {standing.asked_on} awaits its decision: decide or withdraw it first.")
        return await read_leave(tx, standing.id), False
    leave_id = new_id()
    await repository.add_request(
        tx,
        id=leave_id,
        **same,
        lives_with_pupil=parent.lives_with_pupil,
        asked_on=asked_on,
        reason=body.reason,
        recorded_by=caller.name or caller.subject,
        recorded_role=caller.role,
    )
    return await read_leave(tx, leave_id), True


async def decide(tx: Transaction, leave_id: UUID, body: LeaveDecisionIn, caller: CallerInfo) -> LeaveOut:
    """Store a named person's decision and say it, so that every parent gets a letter; no mark is written.

    Before the leave, as it should be; a decision after it began is recorded as late. Raise LeaveNotFound, LeaveDecidedAlready,
    LeaveNotPossible.
    """
    who = caller.person()
    await repository.hold(tx, leave_id)
    row = await repository.request(tx, leave_id)
    if row is None:
        raise LeaveNotFound
    if (row.state, body.outcome) not in TRANSITIONS:
        raise LeaveDecidedAlready(f"It was {row.state} on {row.withdrawn_on or row.decided_on}.")
    if (body.code is None) != (body.outcome == "refused"):
        raise Invalid("Leave is granted as C, C1 or C2; a refusal has no code.")
    today = clock.today()
    decision = judge(_facts(row), body.outcome, body.code, today, law_of(row.la_code))
    if isinstance(decision, NotPossible):
        raise LeaveNotPossible(decision.sentence)
    await repository.store(tx, leave_id, _values(decision, body.reason, who, caller.role))
    async with all_rows_visible(tx):  # every parent is told, through whatever school they are known
        people = await parents.parents_of(tx, row.pupil_id)
    event = LeaveDecided(
        leave_id=leave_id,
        pupil_id=row.pupil_id,
        parent_ids=tuple(sorted({each.parent_id for each in people})),
        urn=row.urn,
        la_code=row.la_code,
        outcome=decision.outcome,
        code=decision.code,
        start=row.starts_on,
        end=row.ends_on,
        decided_on=today,
        late=decision.late,
    )
    await publish(tx, event)
    return await read_leave(tx, leave_id)


async def withdraw(tx: Transaction, leave_id: UUID, body: LeaveWithdrawalIn, caller: CallerInfo) -> LeaveOut:
    """Store that the parent took the request back before the leave began; raise LeaveNotFound, LeaveNotWithdrawable.

    Nothing is said: the parent knows, and a decision that was made stays what the other parents were told of.
    """
    await repository.hold(tx, leave_id)
    row = await repository.request(tx, leave_id)
    if row is None:
        raise LeaveNotFound
    if (row.state, "withdrawn") not in TRANSITIONS:
        raise LeaveNotWithdrawable(f"It was {row.state} on {row.withdrawn_on or row.decided_on}.")
    today = clock.today()
    withdrawn_on = body.withdrawn_on or today
    if withdrawn_on > today:
        raise Invalid("withdrawn_on lies in the future")
    if trouble := withdrawable(_facts(row), withdrawn_on):
        raise LeaveNotWithdrawable(trouble.sentence)
    recorded = {"withdrawn_at": clock.now(), "withdrawn_by": caller.name or caller.subject, "withdrawn_role": caller.role}
    values = {"state": "withdrawn", "withdrawn_on": withdrawn_on, "withdrawal_reason": body.reason, **recorded}
    await repository.store(tx, leave_id, values)
    return await read_leave(tx, leave_id)


async def read_leave(tx: Transaction, leave_id: UUID) -> LeaveOut:
    """Return a request with its decision and what was decided for siblings; raise LeaveNotFound."""
    row = await repository.request(tx, leave_id)
    if row is None:
        raise LeaveNotFound
    return (await _shown(tx, [row]))[0]


async def read_requests(
    tx: Transaction,
    caller: CallerInfo,
    after: UUID | None,
    limit: int,
    *,
    urn: int | None,
    state: State | None,
    upn: str | None,
    district: str | None,
) -> list[LeaveOut]:
    """Return up to `limit + 1` requests within the caller's reach, in the order in which they were recorded."""
    urns = await own_schools(tx, caller)
    if urn is not None:
        if urns is not None and urn not in urns:
            raise Forbidden("This token is not for that school.")
        urns = frozenset([urn])
    rows = await repository.requests(tx, after, limit + 1, urns=urns, la_code=caller.la_code, district=district, state=state, upn=upn)
    return await _shown(tx, rows)


async def _parent(tx: Transaction, pupil_id: UUID, body: LeaveIn) -> Row[Any]:
    for row in await parents.parents_of(tx, pupil_id):
        named = row.ref == body.parent_ref if body.parent_ref else row.parent_id == body.parent_id
        if named and row.urn == body.urn:
            return row
    raise ParentUnknown("Send the pupil with this parent first.")


def _facts(row: Row[Any]) -> Request:
    return Request(row.asked_on, row.starts_on, row.ends_on, row.lives_with_pupil)


def _values(decision: Decision, reason: str, who: str, role: str) -> dict[str, Any]:
    return {
        "state": decision.outcome,
        "code": decision.code,
        "decision_reason": reason,
        "decided_on": clock.today(),
        "decided_at": clock.now(),
        "decided_by": who,
        "decided_role": role,
        "late": decision.late,
        "findings": [finding.as_json() for finding in decision.findings],
    }


async def _shown(tx: Transaction, rows: Sequence[Row[Any]]) -> list[LeaveOut]:
    siblings: dict[UUID, list[SiblingLeave]] = {}
    async with all_rows_visible(tx):  # at other schools too
        others = await repository.siblings(tx, [row.id for row in rows])
    for other in others:
        same = ("id", "pupil_id", "forename", "surname", "urn", "school", "starts_on", "ends_on", "code", "decided_on")
        shown = SiblingLeave(status=other.state, **{name: getattr(other, name) for name in same})
        siblings.setdefault(other.of, []).append(shown)
    return [_one(row, siblings.get(row.id, [])) for row in rows]


def _one(row: Row[Any], siblings: list[SiblingLeave]) -> LeaveOut:
    decision = withdrawal = None
    if row.decided_at:
        outcome: Outcome = "granted" if row.code else "refused"
        decided = {name: getattr(row, name) for name in ("code", "decided_on", "decided_at", "decided_by", "late", "findings")}
        decision = LeaveDecision(outcome=outcome, reason=row.decision_reason, role=row.decided_role, **decided)
    if row.withdrawn_at:
        withdrawal = LeaveWithdrawal(
            withdrawn_on=row.withdrawn_on,
            reason=row.withdrawal_reason,
            recorded_at=row.withdrawn_at,
            recorded_by=row.withdrawn_by,
            role=row.withdrawn_role,
        )
    same = (
        "id", "pupil_id", "upn", "forename", "surname", "urn", "la_code", "parent_id", "lives_with_pupil", "asked_on", "starts_on", "ends_on",
        "reason", "recorded_at", "recorded_by",
    )  # fmt: skip
    in_advance = _facts(row).in_advance
    return LeaveOut(
        **{name: getattr(row, name) for name in same},
        status=row.state,
        in_advance=in_advance,
        decision=decision,
        withdrawal=withdrawal,
        siblings=siblings,
    )
