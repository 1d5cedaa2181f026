"""Show Notices to Improve."""

from typing import Any
from uuid import UUID

from services.penalties.case_file.domain.facts import Session
from services.penalties.case_file.repository.cases import case_row
from services.penalties.case_file.repository.notices import improvement_notice_row
from services.penalties.case_file.use_cases.access import may_reach_school, visible_to
from services.penalties.case_file.use_cases.problems import NoticeNotFound
from services.penalties.improvement.domain import after_warning, shown_status
from services.penalties.improvement.repository import improvement_notice_page
from shared import clock
from shared.database import Transaction
from shared.http import CallerInfo


async def read_improvement_notice(tx: Transaction, notice_id: UUID) -> dict[str, Any]:
    """Return a Notice to Improve, with the absence since it was served."""
    row = await improvement_notice_row(tx, notice_id)
    if row is None:
        raise NoticeNotFound
    case = await case_row(tx, row.case_id)
    counting = tuple(Session.of(session) for session in case.counting) if case else ()
    since = after_warning(counting, row.served_on) if row.served_on else ()
    return {**shown(row), "sessions_since_service": [session.as_json() for session in since]}


async def list_improvement_notices(
    tx: Transaction, caller: CallerInfo, *, case_id: UUID | None, urn: int | None, status: str | None, after: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """Return up to `limit` Notices to Improve that are the caller's own; `ended` ones await a person."""
    reach = await visible_to(tx, caller)
    may_reach_school(reach, urn)
    rows = await improvement_notice_page(tx, reach, case_id=case_id, urn=urn, status=status, after=after, limit=limit)
    return [shown(row) for row in rows]


def shown(row: Any) -> dict[str, Any]:
    """Return a notice as people see it."""
    return {
        **row._mapping,  # noqa: SLF001 -- SQLAlchemy's public name for a row as a mapping
        "status": shown_status(row.status, row.ends_on, clock.today()),
        "findings": [*row.findings, *row.service_findings],
    }
