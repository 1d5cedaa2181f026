"""Answers to questions about where pupils stand."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, text

from services.thresholds.domain.runs import SAID
from services.thresholds.tables import marks, pupils, rolls, run_steps
from shared.database import Transaction

S = TypeVar("S", bound=Select[Any])

_AS_OF_ONE_MOMENT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


async def as_of_one_moment(tx: Transaction) -> None:
    """Let every statement of this transaction, which has made none yet, see the same state."""
    await tx.execute(_AS_OF_ONE_MOMENT)


async def ever_at(tx: Transaction, pupil_id: UUID, *, schools: Collection[int] | None = None, la_code: str | None = None) -> bool:
    """Tell whether a child is or was, on any record, on the roll of one of these schools, in this authority."""
    places: list[ColumnElement[bool]] = [or_(rolls.c.pupil_id == pupil_id, rolls.c.pupil_id.in_(_records_of(pupil_id)))]
    if schools is not None:
        places.append(rolls.c.urn.in_(schools))
    if la_code is not None:
        places.append(rolls.c.la_code == la_code)
    return bool((await tx.execute(select(exists().where(*places)))).scalar())


def _records_of(child: UUID) -> Select[Any]:
    return select(pupils.c.id).where(pupils.c.same_as == child)


async def marks_between(tx: Transaction, records: Collection[UUID], first: date, last: date) -> Sequence[Any]:
    """Return the stored marks of a child's records in a period, in the order of the records."""
    found = select(marks).where(marks.c.pupil_id.in_(records), marks.c.date.between(first, last))
    return (await tx.execute(found.order_by(marks.c.pupil_id))).all()


async def runs_said(tx: Transaction, pupil_id: UUID) -> Sequence[Any]:
    """Return, by run, the last revision of a pupil's runs that was published."""
    said = run_steps.c.pupil_id == pupil_id, run_steps.c.step.in_(SAID)
    last = func.max(run_steps.c.revision).label("revision")
    return (await tx.execute(select(run_steps.c.run_id, last).where(*said).group_by(run_steps.c.run_id))).all()


async def standings(
    tx: Transaction,
    *,
    status: str | None,
    schools: Collection[int] | None,
    la_code: str | None,
    today: date,
    after: UUID | None,
    limit: int,
) -> Sequence[Any]:
    """Return where pupils stand who are on these schools' rolls, or on a roll in this authority, in the order of their ids."""
    statement = select(pupils.c.id, pupils.c.upn, pupils.c.run_id)
    statement = statement.where(pupils.c.roll_revision > 0, pupils.c.same_as.is_(None))
    if status is not None:
        statement = statement.where(pupils.c.status == status)
    if schools is not None or la_code is not None:
        present: list[ColumnElement[bool]] = [func.coalesce(rolls.c.left_on, date.max) >= today]
        if schools is not None:
            present.append(rolls.c.urn.in_(schools))
        if la_code is not None:
            present.append(rolls.c.la_code == la_code)
        record = pupils.alias("record")
        there = select(func.coalesce(record.c.same_as, record.c.id)).join(rolls, rolls.c.pupil_id == record.c.id).where(*present)
        statement = statement.where(pupils.c.id.in_(there))
    return (await tx.execute(_after(statement, after, limit))).all()


async def known_pupils(tx: Transaction, *, urn: int | None, la_code: str | None, after: UUID | None, limit: int) -> Sequence[UUID]:
    """Return pupils with a roll, of a school or an authority if one is named, in the order of their ids."""
    statement = select(pupils.c.id).where(pupils.c.roll_revision > 0)
    if urn is not None:
        statement = statement.where(exists().where(rolls.c.pupil_id == pupils.c.id, rolls.c.urn == urn))
    if la_code is not None:
        statement = statement.where(exists().where(rolls.c.pupil_id == pupils.c.id, rolls.c.la_code == la_code))
    return (await tx.execute(_after(statement, after, limit))).scalars().all()


def _after(statement: S, after: UUID | None, limit: int) -> S:
    if after is not None:
        statement = statement.where(pupils.c.id > after)
    return statement.order_by(pupils.c.id).limit(limit)
