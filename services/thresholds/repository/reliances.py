"""What relies on sessions, and the cases that were closed."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.thresholds.domain.facts import Mark
from services.thresholds.domain.pupils import ClosedCase
from services.thresholds.domain.reliance import Reliance
from services.thresholds.domain.sessions import Session
from services.thresholds.repository.arrays import among
from services.thresholds.tables import closed_cases, reliances
from shared.database import Transaction

_WITH_RELIANCES = text("SELECT DISTINCT pupil_id FROM reliances WHERE pupil_id = ANY(CAST(:ids AS uuid[]))")


async def reliances_of(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, list[Reliance]]:
    """Return the notices and court files of these pupils, in the order of their ids."""
    found: dict[UUID, list[Reliance]] = defaultdict(list)
    for row in (await tx.execute(select(reliances).where(among(reliances.c.pupil_id, ids)).order_by(reliances.c.id))).all():
        marks, charged = msgspec.convert(row.marks, tuple[Mark, ...]), msgspec.convert(row.charged, tuple[Session, ...])
        found[row.pupil_id].append(Reliance(row.id, row.kind, marks, row.withdrawn_on, row.restores, charged, row.concluded_on))
    return found


async def closed_cases_of(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, list[ClosedCase]]:
    """Return the closed cases of these pupils."""
    found: dict[UUID, list[ClosedCase]] = defaultdict(list)
    for row in (await tx.execute(select(closed_cases).where(among(closed_cases.c.pupil_id, ids)))).all():
        found[row.pupil_id].append(ClosedCase(row.case_id, row.run_id, row.closed_on, row.set_aside_to, _kept(row.kept)))
    return found


async def pupils_with_reliances(tx: Transaction, ids: Collection[UUID]) -> Sequence[UUID]:
    """Return those of these pupils on whose sessions a notice or court file relies, or relied."""
    return (await tx.execute(_WITH_RELIANCES, {"ids": list(ids)})).scalars().all()


async def store_reliance(tx: Transaction, pupil_id: UUID, reliance: Reliance) -> None:
    """Store a notice or court file in place of its earlier state."""
    values = {
        "kind": reliance.kind,
        "marks": msgspec.to_builtins(reliance.marks),
        "charged": msgspec.to_builtins(reliance.charged),
        "withdrawn_on": reliance.withdrawn_on,
        "restores": reliance.restores,
        "concluded_on": reliance.concluded_on,
    }
    statement = insert(reliances).values(id=reliance.id, pupil_id=pupil_id, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


async def store_closed_case(tx: Transaction, pupil_id: UUID, case: ClosedCase) -> bool:
    """Store that a case was closed; return whether that was new."""
    statement = insert(closed_cases).values(
        case_id=case.case_id,
        run_id=case.run_id,
        pupil_id=pupil_id,
        closed_on=case.closed_on,
        set_aside_to=case.set_aside_to,
        kept=None if case.kept is None else msgspec.to_builtins(sorted(case.kept)),
    )
    return (await tx.execute(statement.on_conflict_do_nothing().returning(closed_cases.c.case_id))).first() is not None


async def store_kept(tx: Transaction, case_id: UUID, kept: Collection[Session]) -> None:
    """Store which sessions a closed case did not set aside."""
    stored = update(closed_cases).where(closed_cases.c.case_id == case_id)
    await tx.execute(stored.values(kept=msgspec.to_builtins(sorted(kept))))


async def pupils_without_kept(tx: Transaction) -> Sequence[UUID]:
    """Return the pupils with a closed case of which the sessions that it did not set aside have yet to be worked out."""
    return (await tx.execute(select(closed_cases.c.pupil_id).where(closed_cases.c.kept.is_(None)).distinct())).scalars().all()


def _kept(stored: object) -> frozenset[Session] | None:
    return None if stored is None else frozenset(msgspec.convert(stored, list[Session]))
