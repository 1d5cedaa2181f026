"""Rejected marks: kept as they were sent, until a roll explains them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, insert, select, text, update

from services.registers.marks.domain.registers import LockedRegister, Rejection, SentMark
from services.registers.marks.repository.marks import key_of
from services.registers.tables.marks import marks, quarantine
from services.registers.tables.pupils import upns
from shared import clock
from shared.attendance.sessions import Half
from shared.database import Transaction
from shared.database.rows import fetch_all


@dataclass(frozen=True, slots=True)
class QuarantinedMark(SentMark):
    """A mark in quarantine; `revision` is the receipt it came with."""

    id: int
    date: date
    session: Half
    revision: int
    received_at: datetime


async def quarantine_marks(tx: Transaction, register: LockedRegister, rejected: Iterable[tuple[SentMark, Rejection]]) -> None:
    """Store rejected marks as they were sent, with the reason."""
    key = key_of(register)
    rows = [
        {**key, "upn": mark.upn, "code": mark.code, "minutes_late": mark.minutes_late, "reason": rejection.value}
        for mark, rejection in rejected
    ]
    await tx.execute(insert(quarantine), rows)


async def marks_to_release(tx: Transaction, urn: int, pupil_ids: Sequence[UUID], rejections: Sequence[Rejection]) -> list[QuarantinedMark]:
    """Return these pupils' marks that are in quarantine for one of these reasons, in the order of their arrival.

    Without those after which the school sent another one for the session, under another of the pupil's UPNs.
    """
    columns = (quarantine.c[name] for name in ("id", "date", "session", "revision", "received_at", "upn", "code", "minutes_late"))
    query = select(*columns).join(upns, upns.c.upn == quarantine.c.upn)
    query = query.where(
        ~_sent_since(),
        quarantine.c.urn == urn,
        upns.c.pupil_id == text("ANY(CAST(:pupils AS uuid[]))"),
        quarantine.c.reason.in_([rejection.value for rejection in rejections]),
        quarantine.c.released_at.is_(None),
    )
    return await fetch_all(tx, query.order_by(quarantine.c.id), QuarantinedMark, {"pupils": pupil_ids})


def _sent_since() -> ColumnElement[bool]:
    released = quarantine.alias()
    sent = select(func.max(released.c.revision)).where(
        released.c.urn == marks.c.urn, released.c.released_revision == marks.c.revision, released.c.released_at.is_not(None)
    )
    return exists().where(
        marks.c.date == quarantine.c.date,
        marks.c.session == quarantine.c.session,
        marks.c.pupil_id == upns.c.pupil_id,
        marks.c.urn == quarantine.c.urn,
        func.coalesce(sent.scalar_subquery(), marks.c.revision) >= quarantine.c.revision,
    )


async def mark_as_released(tx: Transaction, ids: Sequence[int], revision: int) -> None:
    """Record that quarantined marks were stored under this revision of their school."""
    await tx.execute(update(quarantine).where(quarantine.c.id.in_(ids)).values(released_at=clock.now(), released_revision=revision))
