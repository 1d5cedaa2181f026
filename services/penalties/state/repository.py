"""Cases to be published again."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select, text

from services.penalties.case_file.domain.notices import PenaltyNotice
from services.penalties.case_file.repository.notices import fetch_notices
from services.penalties.tables.notices import penalty_notices
from shared.comparisons import KeyRange
from shared.database import Transaction
from shared.database.rows import fetch_all
from shared.messaging.state import Extent, find_keys, id_of

_CASES = text("""
    SELECT CAST(id AS text) FROM cases
    WHERE id > CAST(:id AS uuid) AND opened_on <= :last AND (closed_on IS NULL OR closed_on >= :first)
      AND (CAST(:school AS integer) IS NULL OR urn = :school) AND (CAST(:pupil AS uuid) IS NULL OR pupil_id = :pupil)
    ORDER BY id LIMIT :limit
""")


_NOTICES = text("""
    SELECT id, kind, CAST(sessions AS text) AS sessions, status, withdrawn_on, reference FROM (
        SELECT id, 'notice-to-improve' AS kind, sessions, status, CAST(NULL AS date) AS withdrawn_on, CAST(NULL AS text) AS reference
        FROM improvement_notices
        UNION ALL SELECT id, kind, sessions, status, withdrawn_on, reference FROM penalty_notices
    ) AS every WHERE id > CAST(:after AS uuid) AND (CAST(:until AS uuid) IS NULL OR id <= :until) ORDER BY id LIMIT :limit
""")
_OVERDUE = text("""
    SELECT id FROM penalty_notices
    WHERE status = 'overdue' AND id > CAST(:after AS uuid) AND (CAST(:until AS uuid) IS NULL OR id <= :until) ORDER BY id LIMIT :limit
""")
_PAYMENTS = text("""
    SELECT notice.id, notice.reference, array_agg(payment.provider_payment_id || ' ' || payment.amount_pence ORDER BY payment.provider_payment_id)
           FILTER (WHERE payment.state = 'success') AS taken
    FROM penalty_notices AS notice LEFT JOIN payments AS payment ON payment.notice_id = notice.id
    WHERE notice.id > CAST(:after AS uuid) AND (CAST(:until AS uuid) IS NULL OR notice.id <= :until)
    GROUP BY notice.id ORDER BY notice.id LIMIT :limit
""")


_RUNS = text("""
    SELECT id, revision FROM runs WHERE id > CAST(:after AS uuid) AND (CAST(:until AS uuid) IS NULL OR id <= :until) ORDER BY id LIMIT :limit
""")
_PROOFS = text("""
    SELECT id, served_revision AS revision FROM (
        SELECT id, served_revision FROM improvement_notices UNION ALL SELECT id, served_revision FROM penalty_notices
    ) AS every
    WHERE served_revision > 0 AND id > CAST(:after AS uuid) AND (CAST(:until AS uuid) IS NULL OR id <= :until) ORDER BY id LIMIT :limit
""")
_CLOSED = text("""
    SELECT case_id AS id, first_closed_on AS closed_on FROM case_reviews
    WHERE first_closed_on IS NOT NULL AND case_id > CAST(:after AS uuid) AND (CAST(:until AS uuid) IS NULL OR case_id <= :until)
    ORDER BY case_id LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """A run or a notice, and the revision of the last event about it that was read."""

    id: UUID
    revision: int


@dataclass(frozen=True, slots=True)
class ClosedCaseRow:
    """A case that is or was closed, and since when first: that ended its run."""

    id: UUID
    closed_on: date


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice of either kind, with the sessions it relies on as JSON."""

    id: UUID
    kind: str
    sessions: str
    status: str
    withdrawn_on: date | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A penalty notice, and the payments for it whose money was taken, each with its amount."""

    id: UUID
    reference: str
    taken: Sequence[str] | None


async def notices(tx: Transaction, keys: KeyRange) -> list[NoticeRow]:
    """Return the notices of a range, of both kinds."""
    return await fetch_all(tx, _NOTICES, NoticeRow, asdict(keys))


async def runs(tx: Transaction, keys: KeyRange) -> list[RevisionRow]:
    """Return the runs of a range, with the revision that was read last."""
    return await fetch_all(tx, _RUNS, RevisionRow, asdict(keys))


async def proofs(tx: Transaction, keys: KeyRange) -> list[RevisionRow]:
    """Return the notices of a range that were served, with the revision of their proof."""
    return await fetch_all(tx, _PROOFS, RevisionRow, asdict(keys))


async def closed_cases(tx: Transaction, keys: KeyRange) -> list[ClosedCaseRow]:
    """Return the cases of a range that are or were closed."""
    return await fetch_all(tx, _CLOSED, ClosedCaseRow, asdict(keys))


async def overdue_notices(tx: Transaction, keys: KeyRange) -> Sequence[UUID]:
    """Return the overdue notices of a range."""
    return (await tx.execute(_OVERDUE, asdict(keys))).scalars().all()


async def ledger(tx: Transaction, keys: KeyRange) -> list[LedgerRow]:
    """Return the penalty notices of a range with the payments that the ledger has."""
    return await fetch_all(tx, _PAYMENTS, LedgerRow, asdict(keys))


async def find_cases(tx: Transaction, extent: Extent, after: str, limit: int) -> Sequence[str]:
    """Return cases that were open on a day of the period."""
    return await find_keys(tx, _CASES, extent, limit, id=id_of(after))


async def penalty_notices_of(tx: Transaction, case_id: UUID) -> list[PenaltyNotice]:
    """Return the penalty notices of a case, oldest first."""
    mine = select(penalty_notices).where(penalty_notices.c.case_id == case_id)
    return await fetch_notices(tx, PenaltyNotice, mine.order_by(penalty_notices.c.id))
