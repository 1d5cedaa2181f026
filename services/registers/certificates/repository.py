"""A pupil's marks at one school as they stood at an instant."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from shared.database import Transaction

# Of each session the last version that had been received by then; day by day, because the key of the marks begins with the day.
_STOOD_AT = text("""
    SELECT DISTINCT ON (mark.date, mark.session) mark.date, mark.session, mark.code, mark.version, receipt.received_at
    FROM generate_series(CAST(:first AS timestamp), CAST(:last AS timestamp), interval '1 day') AS day (at)
    CROSS JOIN (VALUES ('AM'), ('PM')) AS half (session)
    CROSS JOIN LATERAL (
        SELECT date, session, version, code, revision FROM marks
        WHERE date = CAST(day.at AS date) AND session = half.session AND pupil_id = :pupil_id AND urn = :urn
        UNION ALL
        SELECT date, session, version, code, revision FROM mark_versions
        WHERE date = CAST(day.at AS date) AND session = half.session AND pupil_id = :pupil_id AND urn = :urn
    ) AS mark
    JOIN receipts AS receipt ON receipt.urn = :urn AND receipt.revision = mark.revision AND receipt.received_at <= :instant
    ORDER BY mark.date, mark.session, mark.version DESC
""")


async def stood_at(tx: Transaction, pupil_id: UUID, urn: int, first: date, last: date, instant: datetime) -> Sequence[Row[Any]]:
    """Return the marks of a period as they stood at an instant: date, session, code, version, received_at."""
    where = {"pupil_id": pupil_id, "urn": urn, "first": first, "last": last, "instant": instant}
    return (await tx.execute(_STOOD_AT, where)).all()
