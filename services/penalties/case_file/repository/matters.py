"""Matters as they were last judged, and when the matters of a case are to be judged again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import delete, or_, select, text

from services.penalties.case_file.domain.matters import MatterOutcome, Stage
from services.penalties.tables import row_of, values_of
from services.penalties.tables.cases import cases
from services.penalties.tables.matters import case_reviews, matters
from shared.attendance.identities import records_of
from shared.database import Transaction
from shared.database.rows import fetch_all, fetch_one, upsert
from shared.due_work import not_waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterRow:
    """One parent's matter as it was last judged."""

    id: UUID
    case_id: UUID
    parent_id: UUID
    stage: Stage
    outcome: MatterOutcome | None
    provisional: bool
    stage_since: date
    ended_on: date | None
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """When the matters of a case were judged last and are to be judged again, and the revision of its last opening or closing."""

    case_id: UUID
    revision: int = 1
    judged_on: date | None = None
    due_on: date | None = None
    first_closed_on: date | None = None
    ended_for_all: bool = False


async def matter_rows(tx: Transaction, case_id: UUID) -> list[MatterRow]:
    """Return the matters of a case as they were last judged."""
    mine = select(matters).where(matters.c.case_id == case_id).order_by(matters.c.parent_id)
    return await fetch_all(tx, mine, row_of(MatterRow))


async def save_matter(tx: Transaction, row: MatterRow) -> None:
    """Store a matter as it now is."""
    await upsert(tx, matters, values_of(matters, row))


async def delete_matter(tx: Transaction, matter_id: UUID) -> None:
    """Delete a matter in which nothing was done, about someone who is no parent any more."""
    await tx.execute(delete(matters).where(matters.c.id == matter_id))


async def review_of(tx: Transaction, case_id: UUID) -> ReviewRow:
    """Return when a case's matters were judged; of a new case, that they never were."""
    found = await fetch_one(tx, select(case_reviews).where(case_reviews.c.case_id == case_id), ReviewRow)
    return found or ReviewRow(case_id=case_id)


async def save_review(tx: Transaction, row: ReviewRow) -> None:
    """Store when a case's matters were judged and are to be judged again."""
    await upsert(tx, case_reviews, values_of(case_reviews, row))


async def ask_for_review(tx: Transaction, case_id: UUID, due_on: date, revision: int | None = None, closed_on: date | None = None) -> None:
    """Let the matters of a case be judged by due work, after it was brought back from events; `revision`: of its opening or closing."""
    review = await review_of(tx, case_id)
    first_closed_on = review.first_closed_on or closed_on
    await save_review(
        tx, replace(review, judged_on=None, due_on=due_on, revision=revision or review.revision, first_closed_on=first_closed_on)
    )


async def cases_to_judge(tx: Transaction, job: str, today: date, limit: int) -> Sequence[UUID]:
    """Return the cases whose matters time alone may have changed by now, and those that were judged by a day after this one."""
    table = case_reviews.c
    due = select(table.case_id).where(or_(table.due_on <= today, table.judged_on > today))
    due = due.where(text(not_waiting("CAST(case_reviews.case_id AS text)"))).order_by(table.case_id).limit(limit)
    return (await tx.execute(due, {"job": job})).scalars().all()


async def cases_to_follow(tx: Transaction, pupil_id: UUID, today: date) -> Sequence[UUID]:
    """Return the cases of a child, on whichever record, that are open or whose time bar has not passed, in the order of their ids."""
    mine = select(cases.c.id).where(cases.c.pupil_id.in_(records_of(pupil_id)))
    return (
        (await tx.execute(mine.where(or_(cases.c.status == "open", cases.c.earliest_time_bar >= today)).order_by(cases.c.id)))
        .scalars()
        .all()
    )
