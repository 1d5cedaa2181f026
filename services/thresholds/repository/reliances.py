"""What rests on sessions, and the cases that were closed."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import insert

from services.thresholds.domain.facts import Mark
from services.thresholds.domain.pupils import Closure
from services.thresholds.domain.reliance import Reliance
from services.thresholds.domain.sessions import Session
from services.thresholds.tables import closures, reliances
from shared.database import Transaction

_RESTED_ON = text("SELECT DISTINCT pupil_id FROM reliances WHERE pupil_id = ANY(CAST(:ids AS uuid[]))")


async def store_reliance(tx: Transaction, pupil_id: UUID, reliance: Reliance) -> None:
    """Store what is known of a notice or file in place of what was."""
    values = {
        "kind": reliance.kind,
        "sessions": [{**_session(mark.session), "urn": mark.urn, "code": mark.code, "version": mark.version} for mark in reliance.marks],
        "charged": [_session(session) for session in reliance.charged],
        "withdrawn_on": reliance.withdrawn_on,
        "restores": reliance.restores,
        "concluded_on": reliance.concluded_on,
    }
    statement = insert(reliances).values(id=reliance.id, pupil_id=pupil_id, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


async def store_closure(tx: Transaction, pupil_id: UUID, closure: Closure) -> bool:
    """Store that a case was closed; tell whether that was news."""
    statement = insert(closures).values(
        case_id=closure.case_id,
        run_id=closure.run_id,
        pupil_id=pupil_id,
        closed_on=closure.closed_on,
        set_aside_to=closure.set_aside_to,
    )
    return (await tx.execute(statement.on_conflict_do_nothing().returning(closures.c.case_id))).first() is not None


async def rested_on(tx: Transaction, pupil_ids: Collection[UUID]) -> Sequence[UUID]:
    """Return those of these pupils on whose sessions something rests, or rested."""
    return (await tx.execute(_RESTED_ON, {"ids": list(pupil_ids)})).scalars().all()


def reliance_of(row: Row[Any]) -> Reliance:
    """Return a stored reliance."""
    marks = tuple(Mark(_session_of(each), each["urn"], each["code"], each["version"]) for each in row.sessions)
    charged = tuple(_session_of(each) for each in row.charged)
    return Reliance(row.id, row.kind, marks, row.withdrawn_on, row.restores, charged, row.concluded_on)


def _session(session: Session) -> dict[str, str]:
    return {"date": session.date.isoformat(), "session": session.half}


def _session_of(stored: dict[str, Any]) -> Session:
    return Session(date.fromisoformat(stored["date"]), stored["session"])
