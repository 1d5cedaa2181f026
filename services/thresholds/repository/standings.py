"""Which pupils there are, and where they stand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, text, true

from services.thresholds.tables import STANDING, pupils, rolls
from shared.database import Transaction
from shared.database.paging import Listed, Order, PageQuery, fetch_page

_AS_OF_ONE_MOMENT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A pupil who is listed, and the open run."""

    id: UUID
    upn: str
    run_id: UUID | None


async def as_of_one_moment(tx: Transaction) -> None:
    """Let every statement of this transaction, which has made none yet, see the same state."""
    await tx.execute(_AS_OF_ONE_MOMENT)


async def list_standings(
    tx: Transaction,
    *,
    status: str | None,
    schools: Collection[int] | None,
    la_code: str | None,
    today: date,
    page: PageQuery,
) -> Listed[StandingRow]:
    """Return the pupils with a status who are on these schools' rolls, or on a roll in this authority: those who met the threshold first."""
    statement = select(pupils.c.id, pupils.c.upn, pupils.c.run_id)
    statement = statement.where(pupils.c.roll_revision > 0, pupils.c.same_as.is_(None))
    if status is not None:
        statement = statement.where(pupils.c.status == status)
    if schools is not None or la_code is not None:
        present: list[ColumnElement[bool]] = [rolls.c.admitted_on <= today, func.coalesce(rolls.c.left_on, date.max) >= today]
        if schools is not None:
            present.append(rolls.c.urn.in_(schools))
        if la_code is not None:
            present.append(rolls.c.la_code == la_code)
        record = pupils.alias("record")
        there = select(func.coalesce(record.c.same_as, record.c.id)).join(rolls, rolls.c.pupil_id == record.c.id).where(*present)
        statement = statement.where(pupils.c.id.in_(there))
    return await fetch_page(tx, statement, StandingRow, Order((STANDING, pupils.c.id)), page)


async def pupils_with_roll(tx: Transaction, *, urn: int | None, la_code: str | None, after: UUID | None, limit: int) -> Sequence[UUID]:
    """Return pupils with a roll, of a school or an authority if one is named, in the order of their ids."""
    statement = select(pupils.c.id).where(pupils.c.roll_revision > 0)
    if urn is not None:
        statement = statement.where(exists().where(rolls.c.pupil_id == pupils.c.id, rolls.c.urn == urn))
    if la_code is not None:
        statement = statement.where(exists().where(rolls.c.pupil_id == pupils.c.id, rolls.c.la_code == la_code))
    return (await tx.execute(statement.where(_beyond(after)).order_by(pupils.c.id).limit(limit))).scalars().all()


def _beyond(after: UUID | None) -> ColumnElement[bool]:
    return true() if after is None else pupils.c.id > after
