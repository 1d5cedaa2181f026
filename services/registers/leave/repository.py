"""Requests for leave of absence."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, insert, select, text, update

from services.registers.leave.domain import Code, Outcome, Request, State
from services.registers.marks.domain.patterns import Pattern
from services.registers.marks.repository.granted_leave import StoredDay, pattern_of, stored_pattern
from services.registers.tables.leave import leave_requests
from services.registers.tables.pupils import pupils, pupils_at_schools
from services.registers.tables.schools import schools
from shared import clock
from shared.database import Transaction
from shared.database.locks import Lock
from shared.database.paging import Listed, Order, PageQuery, fetch_page
from shared.database.rows import fetch_all, fetch_one

# Children who share a parent now, at whatever school, for whom leave was asked for on some of the same days.
_SIBLINGS = text("""
    SELECT DISTINCT asked.id AS of, leave.id, leave.pupil_id, leave.urn, leave.starts_on, leave.ends_on, leave.state, leave.code,
           leave.decided_on, school.name AS school, sibling.forename, sibling.surname
    FROM leave_requests AS asked
    JOIN pupil_parents AS mine ON mine.pupil_id = asked.pupil_id AND mine.ended_at IS NULL
    JOIN contacts AS parent ON parent.urn = mine.urn AND parent.ref = mine.ref
    JOIN contacts AS same ON same.parent_id = parent.parent_id
    JOIN pupil_parents AS theirs ON theirs.urn = same.urn AND theirs.ref = same.ref AND theirs.ended_at IS NULL
    JOIN leave_requests AS leave ON leave.pupil_id = theirs.pupil_id AND leave.pupil_id <> asked.pupil_id
         AND leave.starts_on <= asked.ends_on AND leave.ends_on >= asked.starts_on
    JOIN schools AS school ON school.urn = leave.urn
    JOIN pupils_at_schools AS sibling ON sibling.urn = leave.urn AND sibling.pupil_id = leave.pupil_id
    WHERE asked.id = ANY(CAST(:ids AS uuid[])) ORDER BY asked.id, leave.starts_on, leave.id
""")

# The database lets nobody delete a request who does not name the table in this setting.
_DELETES = text("SELECT set_config('app.deletes', 'leave_requests', true)")
_DELETE = text("""
    DELETE FROM leave_requests WHERE id IN (
        SELECT id FROM leave_requests WHERE GREATEST(ends_on, decided_on) < :since
        ORDER BY GREATEST(ends_on, decided_on) LIMIT :limit FOR UPDATE SKIP LOCKED
    )
""")
_LOCK_PUPIL = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:pupil AS text), :lock))")


@dataclass(frozen=True, slots=True)
class NewRequest(Request):
    """Leave that a parent asks for."""

    id: UUID
    pupil_id: UUID
    urn: int
    parent_id: UUID
    reason: str
    pattern: Pattern
    recorded_by: str
    recorded_role: str


@dataclass(frozen=True, slots=True)
class SiblingRow:
    """A request for a sibling of the pupil of the request `of`, for some of the same days."""

    of: UUID
    id: UUID
    pupil_id: UUID
    forename: str
    surname: str
    urn: int
    school: str
    starts_on: date
    ends_on: date
    state: State
    code: Code | None
    decided_on: date | None


@dataclass(frozen=True, slots=True)
class Leave(NewRequest):
    """A request for leave with its pupil and school, what was decided about it, and requests for siblings on some of the same days.

    `family_id`: shared by requests for several children that were asked for together.
    """

    family_id: UUID | None
    state: State
    upn: str
    forename: str
    surname: str
    la_code: str
    recorded_at: datetime
    code: Code | None
    decision_reason: str | None
    decided_on: date | None
    decided_at: datetime | None
    decided_by: str | None
    decided_role: str | None
    decided_parents: Sequence[UUID] | None
    late: bool | None
    findings: list[dict[str, object]] | None
    granted_pattern: Pattern
    withdrawn_on: date | None
    withdrawal_reason: str | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawn_role: str | None
    siblings: tuple[SiblingRow, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """What was decided, also where the leave was withdrawn afterwards."""
        return "granted" if self.code else "refused"

    @property
    def decision(self) -> "Leave | None":
        """The request, where it is decided."""
        return self if self.decided_at else None

    @property
    def withdrawal(self) -> "Leave | None":
        """The request, where it is withdrawn."""
        return self if self.withdrawn_at else None


_NAMES = [field.name for field in fields(Leave) if field.name != "siblings"]
_CHANGING = [
    name for name in _NAMES if name in {"state", "code", "late", "findings", "granted_pattern"} or name.startswith(("deci", "with"))
]


def _request() -> Select[Any]:
    elsewhere = {"upn": pupils, "forename": pupils_at_schools, "surname": pupils_at_schools, "la_code": schools}
    query = select(*(elsewhere.get(name, leave_requests).c[name] for name in _NAMES))
    at_school = (pupils_at_schools.c.urn == leave_requests.c.urn) & (pupils_at_schools.c.pupil_id == leave_requests.c.pupil_id)
    query = query.select_from(leave_requests).join(pupils, pupils.c.id == leave_requests.c.pupil_id).join(pupils_at_schools, at_school)
    return query.join(schools, schools.c.urn == leave_requests.c.urn)


_REQUEST = _request()


async def lock_pupil(tx: Transaction, pupil_id: UUID) -> None:
    """Let nobody else record that leave is asked for a pupil until the end of the transaction."""
    await tx.execute(_LOCK_PUPIL, {"pupil": str(pupil_id), "lock": Lock.LEAVE_OF_PUPIL})


async def undecided(tx: Transaction, same: NewRequest) -> Leave | None:
    """Return the request of the same parent for the same pupil and days that awaits its decision."""
    keys = {name: getattr(same, name) for name in ("pupil_id", "urn", "parent_id", "starts_on", "ends_on")}
    query = _REQUEST.where(leave_requests.c.state == "asked", *(leave_requests.c[name] == value for name, value in keys.items()))
    return await fetch_one(tx, query.order_by(leave_requests.c.id).limit(1), _leave)


async def add_request(tx: Transaction, request: NewRequest) -> None:
    """Store that leave was asked for."""
    await tx.execute(insert(leave_requests).values({**asdict(request), "pattern": stored_pattern(request.pattern)}))


async def request(tx: Transaction, leave_id: UUID) -> Leave | None:
    """Return a request with its pupil and school."""
    return await fetch_one(tx, _REQUEST.where(leave_requests.c.id == leave_id), _leave)


async def requests(
    tx: Transaction,
    page: PageQuery,
    *,
    urns: Collection[int] | None,
    la_code: str | None,
    district: str | None,
    state: str | None,
    upn: str | None,
) -> Listed[Leave]:
    """Return requests of these schools, this authority, this district, in this state, for this pupil, in the order of `_order`."""
    query = _REQUEST
    if urns is not None:
        query = query.where(leave_requests.c.urn.in_(list(urns)))
    asked = {schools.c.la_code: la_code, schools.c.district: district, leave_requests.c.state: state, pupils.c.upn: upn}
    query = query.where(*(column == value for column, value in asked.items() if value))
    return await fetch_page(tx, query, _leave, _order(state), page)


def _order(state: str | None) -> Order:
    """Return the order of a list: requests to be decided by when the leave begins, behind them what has begun; decided ones the latest first."""
    if state is None:
        return Order((leave_requests.c.id,))
    if state == "asked":
        begun: ColumnElement[bool] = leave_requests.c.starts_on < clock.today()
        return Order((begun, leave_requests.c.starts_on, leave_requests.c.id))
    return Order((leave_requests.c.starts_on, leave_requests.c.id), descending=True)


async def requests_of_pupils(tx: Transaction, pupil_ids: Collection[UUID], first: date, last: date) -> list[Leave]:
    """Return the requests for these pupils, in any state, for some of the days of a period, by their first day."""
    query = _REQUEST.where(
        leave_requests.c.pupil_id.in_(list(pupil_ids)), leave_requests.c.starts_on <= last, leave_requests.c.ends_on >= first
    )
    return await fetch_all(tx, query.order_by(leave_requests.c.starts_on, leave_requests.c.id), _leave)


async def family(tx: Transaction, family_id: UUID) -> list[Leave]:
    """Return the requests of a family that were asked for together, by school."""
    query = _REQUEST.where(leave_requests.c.family_id == family_id).order_by(leave_requests.c.urn, leave_requests.c.id)
    return await fetch_all(tx, query, _leave)


async def join_family(tx: Transaction, leave_ids: Collection[UUID], family_id: UUID) -> None:
    """Store that undecided requests, each recorded alone, are among those that a family asked for together."""
    alone = leave_requests.c.id.in_(list(leave_ids)) & leave_requests.c.family_id.is_(None)
    await tx.execute(update(leave_requests).where(alone).values(family_id=family_id))


async def lock(tx: Transaction, leave_id: UUID) -> None:
    """Let nobody else decide about a request until the end of the transaction."""
    await tx.execute(select(leave_requests.c.id).where(leave_requests.c.id == leave_id).with_for_update())


async def store(tx: Transaction, leave: Leave) -> None:
    """Store what was decided about a request, or that it was withdrawn."""
    values = {name: getattr(leave, name) for name in _CHANGING} | {"granted_pattern": stored_pattern(leave.granted_pattern)}
    await tx.execute(update(leave_requests).where(leave_requests.c.id == leave.id).values(values))


async def delete_requests(tx: Transaction, since: date, limit: int) -> int:
    """Delete requests of which both the leave and the decision lie before a day, the oldest first; return how many."""
    await tx.execute(_DELETES)
    return (await tx.execute(_DELETE, {"since": since, "limit": limit})).rowcount


async def siblings(tx: Transaction, leave_ids: Sequence[UUID]) -> list[SiblingRow]:
    """Return the requests of siblings that overlap these (`of`), at whatever school."""
    return await fetch_all(tx, _SIBLINGS, SiblingRow, {"ids": leave_ids})


def _leave(*, pattern: Sequence[StoredDay] | None, granted_pattern: Sequence[StoredDay] | None, **columns: Any) -> Leave:
    return Leave(**columns, pattern=pattern_of(pattern), granted_pattern=pattern_of(granted_pattern))
