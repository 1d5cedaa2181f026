"""Which rows a caller may see, page by page."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from services.penalties.tables.projections import pupils, rolls


@dataclass(frozen=True, slots=True)
class Visibility:
    """Which cases a caller may see: null means every school, every authority."""

    today: date
    schools: frozenset[int] | None = None
    la_code: str | None = None


def visible(reach: Visibility, pupil_id: ColumnElement[Any], urn: ColumnElement[Any], la_code: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a row belongs to a school within reach, or that its pupil is on such a roll today."""
    conditions = []
    if reach.schools is not None:
        conditions.append(or_(urn.in_(reach.schools), on_roll_today(reach, pupil_id, rolls.c.urn.in_(reach.schools))))
    if reach.la_code is not None:
        conditions.append(or_(la_code == reach.la_code, on_roll_today(reach, pupil_id, rolls.c.la_code == reach.la_code)))
    return and_(True, *conditions)


def on_roll_today(reach: Visibility, pupil_id: ColumnElement[Any], where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that a pupil, on whichever record of the child, is today on a roll that `where` allows."""
    today = reach.today
    on_roll = and_(rolls.c.admitted_on <= today, or_(rolls.c.left_on.is_(None), rolls.c.left_on >= today))
    own, record = pupils.alias("own"), pupils.alias("record")
    child = func.coalesce(select(own.c.same_as).where(own.c.id == pupil_id).scalar_subquery(), pupil_id)
    there = select(func.coalesce(record.c.same_as, record.c.id)).join(rolls, rolls.c.pupil_id == record.c.id)
    return child.in_(there.where(on_roll, where))


def narrowed(found: Any, table: Any, case_id: UUID | None, urn: int | None, after: UUID | None) -> Any:
    """Return a page's query narrowed to a case, a school, and what follows an id."""
    if case_id is not None:
        found = found.where(table.case_id == case_id)
    if urn is not None:
        found = found.where(table.urn == urn)
    if after is not None:
        found = found.where(table.id > after)
    return found
