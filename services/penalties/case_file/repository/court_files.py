"""Court files, read."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.penalties.case_file.domain.facts import CourtFile
from services.penalties.case_file.domain.sessions import StoredSession
from services.penalties.case_file.repository.cases import sessions_of
from services.penalties.projections.repository import records_of
from services.penalties.tables.cases import court_files
from shared.database import Transaction
from shared.database.rows import fetch_all, fetch_one


async def find_court_file(tx: Transaction, file_id: UUID) -> CourtFile | None:
    """Return a court file, None where no event about it has arrived."""
    return await fetch_one(tx, select(court_files).where(court_files.c.id == file_id), _court_file)


async def court_files_about(tx: Transaction, pupil_id: UUID) -> list[CourtFile]:
    """Return every court file about a child, on whichever record, oldest first."""
    mine = select(court_files).where(court_files.c.pupil_id.in_(records_of(pupil_id)))
    return await fetch_all(tx, mine.order_by(court_files.c.id), _court_file)


def _court_file(*, charged_sessions: Iterable[StoredSession], **columns: Any) -> CourtFile:
    return CourtFile(charged_sessions=sessions_of(charged_sessions), **columns)
