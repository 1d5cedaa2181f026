"""Marks O and I of a school's pupils, and what was answered about an O."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import insert, text

from services.registers.marks.domain.granted_leave import PupilSession
from services.registers.sickness.domain import SicknessAnswer
from services.registers.tables.marks import sickness_answers
from shared.database import Transaction

_ANSWERS = text("""
    SELECT DISTINCT ON (date, session, pupil_id) date, session, pupil_id, version, turned_away, reason, answered_by, answered_at
    FROM sickness_answers WHERE urn = :urn AND pupil_id = ANY(CAST(:pupils AS uuid[])) AND date BETWEEN :first AND :last
    ORDER BY date, session, pupil_id, id DESC
""")


async def answers(tx: Transaction, urn: int, pupil_ids: Collection[UUID], first: date, last: date) -> dict[PupilSession, SicknessAnswer]:
    """Return what was last answered about each mark of these pupils in a period."""
    found = await tx.execute(_ANSWERS, {"urn": urn, "pupils": list(pupil_ids), "first": first, "last": last})
    return {
        PupilSession(row.date, row.session, row.pupil_id): SicknessAnswer(
            row.version, row.turned_away, row.reason, row.answered_by, row.answered_at
        )
        for row in found
    }


async def add_answer(tx: Transaction, urn: int, at: PupilSession, answer: SicknessAnswer, caller: str) -> None:
    """Store what a person answered about a version of a mark."""
    values = {**at._asdict(), "urn": urn, "caller": caller, "version": answer.version, "turned_away": answer.turned_away}
    named = {"reason": answer.reason, "answered_by": answer.answered_by, "answered_at": answer.answered_at}
    await tx.execute(insert(sickness_answers).values(**values, **named))
