"""A pupil's marks at one school as they stood at an instant."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from services.registers.certificates.domain import Entry
from shared.database import Transaction
from shared.database.rows import fetch_all

# Of each session the last version that had been received by then; day by day, because the key of the marks begins with the day.
_STOOD_AT = text("""
    SELECT DISTINCT ON (mark.date, mark.session) mark.date, mark.session, mark.code, mark.version, receipt.received_at AS recorded_at
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


async def stood_at(tx: Transaction, pupil_id: UUID, urn: int, first: date, last: date, instant: datetime) -> list[Entry]:
    """Return the marks of a period as they stood at an instant."""
    where = {"pupil_id": pupil_id, "urn": urn, "first": first, "last": last, "instant": instant}
    return await fetch_all(tx, _STOOD_AT, Entry, where)
