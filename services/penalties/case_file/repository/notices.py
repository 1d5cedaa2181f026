"""Notices to Improve and penalty notices, read and written by one logic."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, insert, select, update

from services.penalties.case_file.domain.notices import ImprovementNotice, Notice, PenaltyNotice
from services.penalties.tables import row_of, values_of
from services.penalties.tables.notices import improvement_notices, penalty_notices
from shared.attendance.identities import lock_records, records_of
from shared.database import Transaction
from shared.database.locks import Lock
from shared.database.rows import fetch_all, fetch_one

N = TypeVar("N", bound=Notice)
_TABLES = {ImprovementNotice: improvement_notices, PenaltyNotice: penalty_notices}


async def find_notice(tx: Transaction, kind: type[N], notice_id: UUID, *, lock: bool = False) -> N | None:
    """Return a notice of this kind; None where there is none."""
    table = _TABLES[kind]
    found = select(table).where(table.c.id == notice_id)
    return await fetch_one(tx, found.with_for_update() if lock else found, row_of(kind))


async def find_any_notice(tx: Transaction, notice_id: UUID) -> ImprovementNotice | PenaltyNotice | None:
    """Return a notice of either kind; None where there is none."""
    return await find_notice(tx, ImprovementNotice, notice_id) or await find_notice(tx, PenaltyNotice, notice_id)


async def fetch_notices(tx: Transaction, kind: type[N], query: Select[*tuple[object, ...]]) -> list[N]:
    """Return the notices of this kind that a query selects."""
    return await fetch_all(tx, query, row_of(kind))


async def improvement_notices_of(tx: Transaction, case_id: UUID) -> list[ImprovementNotice]:
    """Return the Notices to Improve of a case, oldest first."""
    mine = select(improvement_notices).where(improvement_notices.c.case_id == case_id)
    return await fetch_notices(tx, ImprovementNotice, mine.order_by(improvement_notices.c.id))


async def improvement_notices_about(tx: Transaction, pupil_id: UUID) -> list[ImprovementNotice]:
    """Return every Notice to Improve about a child, on whichever record and in whatever case, oldest first."""
    mine = select(improvement_notices).where(improvement_notices.c.pupil_id.in_(records_of(pupil_id)))
    return await fetch_notices(tx, ImprovementNotice, mine.order_by(improvement_notices.c.id))


async def penalty_notices_about(tx: Transaction, pupil_id: UUID) -> list[PenaltyNotice]:
    """Return every penalty notice about a child, on whichever record, in whatever case and to whatever parent, oldest first."""
    mine = select(penalty_notices).where(penalty_notices.c.pupil_id.in_(records_of(pupil_id)))
    return await fetch_notices(tx, PenaltyNotice, mine.order_by(penalty_notices.c.id))


async def lock_parent_and_child(tx: Transaction, parent_id: UUID, pupil_id: UUID) -> None:
    """Wait for any other notice to this parent about this child, in whatever case, until the transaction ends."""
    await lock_records(tx, Lock.NOTICES_OF_PARENT_AND_CHILD, pupil_id, prefix=f"{parent_id} ")


async def add_notice(tx: Transaction, notice: ImprovementNotice | PenaltyNotice) -> None:
    """Store a new notice."""
    table = _TABLES[type(notice)]
    await tx.execute(insert(table).values(values_of(table, notice)))


async def save_notice(tx: Transaction, notice: ImprovementNotice | PenaltyNotice) -> None:
    """Store a notice, which is locked, as it now is."""
    table = _TABLES[type(notice)]
    await tx.execute(update(table).where(table.c.id == notice.id).values(values_of(table, notice)))
