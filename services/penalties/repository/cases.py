"""Cases, the runs of the threshold behind them, decisions and agreements."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.penalties.repository.children import records_of
from services.penalties.repository.projections import known_as
from services.penalties.tables import agreements, cases, decisions, pupils, rolls, runs
from shared.database import Transaction

_LOCK_PUPIL = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:pupil_id AS text), 883))")


@dataclass(frozen=True, slots=True)
class Reach:
    """Which cases a caller may see: null means every school, every authority."""

    today: date
    schools: frozenset[int] | None = None
    la_code: str | None = None


async def lock_pupil(tx: Transaction, pupil_id: UUID) -> None:
    """Wait for whoever opens a case or issues a notice for this pupil; held until the transaction ends."""
    await tx.execute(_LOCK_PUPIL, {"pupil_id": str(pupil_id)})


async def case_row(tx: Transaction, case_id: UUID, *, lock: bool = False) -> Any | None:
    """Return a case, locked where events are to be said about it."""
    found = select(cases).where(cases.c.id == case_id)
    return (await tx.execute(found.with_for_update() if lock else found)).first()


async def open_case_row(tx: Transaction, pupil_id: UUID) -> Any | None:
    """Return the pupil's one open case, locked; the case on another record of the child stays that record's."""
    found = select(cases).where(cases.c.pupil_id == pupil_id, cases.c.status == "open")
    return (await tx.execute(found.with_for_update())).first()


async def another_is_open(tx: Transaction, case_id: UUID, pupil_id: UUID) -> bool:
    """Tell whether the child has an open case besides this one, on another record."""
    others = select(cases.c.id).where(cases.c.pupil_id.in_(records_of(pupil_id)), cases.c.status == "open", cases.c.id != case_id)
    return (await tx.execute(others.limit(1))).first() is not None


async def insert_case(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Store a new case."""
    await tx.execute(insert(cases).values(**values))


async def update_case(tx: Transaction, case_id: UUID, **values: Any) -> None:
    """Store what changed in a case."""
    await tx.execute(update(cases).where(cases.c.id == case_id).values(**values))


async def run_row(tx: Transaction, run_id: UUID) -> Any | None:
    """Return what is known of a run of the threshold."""
    return (await tx.execute(select(runs).where(runs.c.id == run_id))).first()


async def heard_of(tx: Transaction, run_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the revision that was heard last, by run; runs that were not heard of are missing."""
    found = await tx.execute(select(runs.c.id, runs.c.revision).where(runs.c.id.in_(run_ids)))
    return {row.id: row.revision for row in found}


async def save_run(tx: Transaction, run_id: UUID, pupil_id: UUID, case_id: UUID | None, revision: int) -> None:
    """Store which case a run belongs to and the revision that was heard last."""
    new = upsert(runs).values(id=run_id, pupil_id=pupil_id, case_id=case_id, revision=revision)
    await tx.execute(new.on_conflict_do_update(index_elements=["id"], set_={"case_id": case_id, "revision": revision}))


async def insert_decision(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Add a decision."""
    await tx.execute(insert(decisions).values(**values))


async def insert_agreement(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Add the authority's answer."""
    await tx.execute(insert(agreements).values(**values))


async def decision_rows(tx: Transaction, case_id: UUID) -> Sequence[Any]:
    """Return the decisions of a case, oldest first."""
    return (await tx.execute(select(decisions).where(decisions.c.case_id == case_id).order_by(decisions.c.id))).all()


async def agreement_rows(tx: Transaction, case_id: UUID) -> Sequence[Any]:
    """Return the authority's answers in a case, oldest first."""
    return (await tx.execute(select(agreements).where(agreements.c.case_id == case_id).order_by(agreements.c.id))).all()


def within_reach(reach: Reach, pupil_id: ColumnElement[Any], urn: ColumnElement[Any], la_code: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a row belongs to a school within reach, or that its pupil is on such a roll today."""
    conditions = []
    if reach.schools is not None:
        conditions.append(or_(urn.in_(reach.schools), _present(reach, pupil_id, rolls.c.urn.in_(reach.schools))))
    if reach.la_code is not None:
        conditions.append(or_(la_code == reach.la_code, _present(reach, pupil_id, rolls.c.la_code == reach.la_code)))
    return and_(True, *conditions)


def _present(reach: Reach, pupil_id: ColumnElement[Any], where: ColumnElement[bool]) -> ColumnElement[bool]:
    today = reach.today
    on_roll = and_(rolls.c.admitted_on <= today, or_(rolls.c.left_on.is_(None), rolls.c.left_on >= today))
    own, record = pupils.alias("own"), pupils.alias("record")
    child = func.coalesce(select(own.c.same_as).where(own.c.id == pupil_id).scalar_subquery(), pupil_id)
    there = select(func.coalesce(record.c.same_as, record.c.id)).join(rolls, rolls.c.pupil_id == record.c.id)
    return child.in_(there.where(on_roll, where))


async def case_page(
    tx: Transaction, reach: Reach, *, upn: str | None, urn: int | None, status: str | None, after: UUID | None, limit: int
) -> Sequence[Any]:
    """Return up to `limit` cases within reach after one, in the order in which they were opened, with the pupil's UPN.

    `upn`: any that the pupil has or had; `urn`: the case's school, or the pupil's present one.
    """
    child = pupils.alias("child")
    found = select(cases, func.coalesce(child.c.upn, pupils.c.upn).label("upn"))
    found = found.join_from(cases, pupils, cases.c.pupil_id == pupils.c.id, isouter=True)
    found = found.join(child, child.c.id == func.coalesce(pupils.c.same_as, pupils.c.id), isouter=True)
    found = found.where(within_reach(reach, cases.c.pupil_id, cases.c.urn, cases.c.la_code))
    if upn is not None:
        found = found.where(cases.c.pupil_id.in_(known_as(upn)))
    if urn is not None:
        found = found.where(or_(cases.c.urn == urn, _present(reach, cases.c.pupil_id, rolls.c.urn == urn)))
    if status is not None:
        found = found.where(cases.c.status == status)
    if after is not None:
        found = found.where(cases.c.id > after)
    return (await tx.execute(found.order_by(cases.c.id).limit(limit))).all()
