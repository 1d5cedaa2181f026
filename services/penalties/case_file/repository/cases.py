"""Cases, the runs of the threshold behind them, decisions and agreements."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.penalties.projections.repository import records_of
from services.penalties.tables.cases import agreements, cases, decisions, runs
from shared.database import Transaction

_LOCK_PUPIL = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:pupil_id AS text), 883))")


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


async def run_revisions(tx: Transaction, run_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the revision that was heard last, by run; runs that were not heard of are missing."""
    found = await tx.execute(select(runs.c.id, runs.c.revision).where(runs.c.id.in_(run_ids)))
    return {row.id: row.revision for row in found}


async def save_run(tx: Transaction, run_id: UUID, pupil_id: UUID, case_id: UUID | None, revision: int) -> None:
    """Store which case a run belongs to and the revision that was heard last."""
    new = upsert(runs).values(id=run_id, pupil_id=pupil_id, case_id=case_id, revision=revision)
    await tx.execute(new.on_conflict_do_update(index_elements=["id"], set_={"case_id": case_id, "revision": revision}))


async def decision_rows(tx: Transaction, case_id: UUID) -> Sequence[Any]:
    """Return the decisions of a case, oldest first."""
    return (await tx.execute(select(decisions).where(decisions.c.case_id == case_id).order_by(decisions.c.id))).all()


async def agreement_rows(tx: Transaction, case_id: UUID) -> Sequence[Any]:
    """Return the authority's answers in a case, oldest first."""
    return (await tx.execute(select(agreements).where(agreements.c.case_id == case_id).order_by(agreements.c.id))).all()
