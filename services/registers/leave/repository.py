"""Requests for leave of absence."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, insert, select, text, update

from services.registers.tables.leave import leave_requests
from services.registers.tables.pupils import pupils, pupils_at_schools
from services.registers.tables.schools import schools
from shared.database import Transaction

# Children who share a parent now, at whatever school, for whom leave was asked for on some of the same days.
_SIBLINGS = text("""
    SELECT DISTINCT asked.id AS of, leave.id, leave.pupil_id, leave.urn, leave.starts_on, leave.ends_on, leave.state, leave.code,
           leave.decided_on, school.name AS school, known.forename, known.surname
    FROM leave_requests AS asked
    JOIN pupil_parents AS mine ON mine.pupil_id = asked.pupil_id AND mine.ended_at IS NULL
    JOIN contacts AS parent ON parent.urn = mine.urn AND parent.ref = mine.ref
    JOIN contacts AS same ON same.parent_id = parent.parent_id
    JOIN pupil_parents AS theirs ON theirs.urn = same.urn AND theirs.ref = same.ref AND theirs.ended_at IS NULL
    JOIN leave_requests AS leave ON leave.pupil_id = theirs.pupil_id AND leave.pupil_id <> asked.pupil_id
         AND leave.starts_on <= asked.ends_on AND leave.ends_on >= asked.starts_on
    JOIN schools AS school ON school.urn = leave.urn
    JOIN pupils_at_schools AS known ON known.urn = leave.urn AND known.pupil_id = leave.pupil_id
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
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:pupil AS text), 884))")


async def hold_asking(tx: Transaction, pupil_id: UUID) -> None:
    """Let nobody else record that leave is asked for a pupil until the end of the transaction."""
    await tx.execute(_ALONE, {"pupil": str(pupil_id)})


async def undecided(tx: Transaction, **same: Any) -> Row[Any] | None:
    """Return the request that awaits its decision and has these values."""
    query = select(leave_requests).where(leave_requests.c.state == "asked").order_by(leave_requests.c.id).limit(1)
    return (await tx.execute(query.filter_by(**same))).first()


async def add_request(tx: Transaction, **values: Any) -> None:
    """Store that leave was asked for."""
    await tx.execute(insert(leave_requests).values(**values))


async def request(tx: Transaction, leave_id: UUID) -> Row[Any] | None:
    """Return a request with its pupil and school."""
    found: Row[Any] | None = (await tx.execute(_shown().where(leave_requests.c.id == leave_id))).first()
    return found


async def requests(
    tx: Transaction,
    after: UUID | None,
    limit: int,
    *,
    urns: Collection[int] | None,
    la_code: str | None,
    district: str | None,
    state: str | None,
    upn: str | None,
) -> Sequence[Row[Any]]:
    """Return requests in the order in which they were recorded: of these schools, this authority, this district, in this state, for this pupil."""
    query = _shown().order_by(leave_requests.c.id).limit(limit)
    if after:
        query = query.where(leave_requests.c.id > after)
    if urns is not None:
        query = query.where(leave_requests.c.urn.in_(list(urns)))
    if la_code:
        query = query.where(schools.c.la_code == la_code)
    if district:
        query = query.where(schools.c.district == district)
    if state:
        query = query.where(leave_requests.c.state == state)
    if upn:
        query = query.where(pupils.c.upn == upn)
    found: Sequence[Row[Any]] = (await tx.execute(query)).all()
    return found


async def hold(tx: Transaction, leave_id: UUID) -> None:
    """Let nobody else decide about a request until the end of the transaction."""
    await tx.execute(select(leave_requests.c.id).where(leave_requests.c.id == leave_id).with_for_update())


async def store(tx: Transaction, leave_id: UUID, values: Mapping[str, Any]) -> None:
    """Store a decision or a withdrawal."""
    await tx.execute(update(leave_requests).where(leave_requests.c.id == leave_id).values(**values))


async def delete_requests(tx: Transaction, since: date, limit: int) -> int:
    """Delete requests of which both the leave and the decision lie before a day, the oldest first; return how many."""
    await tx.execute(_DELETES)
    return (await tx.execute(_DELETE, {"since": since, "limit": limit})).rowcount


async def siblings(tx: Transaction, leave_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """Return the requests of siblings that overlap these (`of`), at whatever school."""
    return (await tx.execute(_SIBLINGS, {"ids": leave_ids})).all()


def _shown() -> Select[Any]:
    known = (pupils_at_schools.c.urn == leave_requests.c.urn) & (pupils_at_schools.c.pupil_id == leave_requests.c.pupil_id)
    query = select(leave_requests, pupils.c.upn, pupils_at_schools.c.forename, pupils_at_schools.c.surname, schools.c.la_code)
    query = query.join(pupils, pupils.c.id == leave_requests.c.pupil_id).join(pupils_at_schools, known)
    return query.join(schools, schools.c.urn == leave_requests.c.urn)
