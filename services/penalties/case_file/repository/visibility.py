"""Which rows a caller may see, page by page."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, and_, func, or_, select

from services.penalties.tables.cases import agreements, cases
from services.penalties.tables.projections import pupils, rolls


@dataclass(frozen=True, slots=True)
class Visibility:
    """Which cases and notices a caller may see: None means every school, every authority. `referred`: only what was referred to these schools."""

    today: date
    schools: frozenset[int] | None = None
    la_code: str | None = None
    referred: bool = False


@dataclass(frozen=True, slots=True)
class NoticeQuery:
    """Which notices are asked for: of a case, of a school, in a status."""

    case_id: UUID | None
    urn: int | None
    status: str | None


def visible(to: Visibility, table: Table) -> ColumnElement[bool]:
    """Return the condition that a row of cases or notices belongs to a school that the caller may see, or that its pupil is on such a roll today."""
    if to.referred:
        return _case_id(table).in_(_cases_referred_to(to.schools or frozenset()))
    conditions = []
    if to.schools is not None:
        conditions.append(or_(table.c.urn.in_(to.schools), on_roll_today(to, table, rolls.c.urn.in_(to.schools))))
    if to.la_code is not None:
        conditions.append(or_(table.c.la_code == to.la_code, on_roll_today(to, table, rolls.c.la_code == to.la_code)))
    return and_(True, *conditions)


def _case_id(table: Table) -> ColumnElement[UUID]:
    return table.c.id if table is cases else table.c.case_id


def _cases_referred_to(schools: frozenset[int]) -> Select[UUID]:
    """Return the query for the cases that the authority's last word about some parent refers to the accredited persons of these schools."""
    standing = agreements.c.refer_to.in_(select(func.referred_schools(agreements.c.case_id)))
    return select(agreements.c.case_id).where(agreements.c.refer_to.in_(schools), standing)


def on_roll_today(to: Visibility, table: Table, where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that the pupil of a row, on whichever record of the child, is today on a roll that `where` allows."""
    on_roll = and_(rolls.c.admitted_on <= to.today, or_(rolls.c.left_on.is_(None), rolls.c.left_on >= to.today))
    own, record = pupils.alias("own"), pupils.alias("record")
    child = func.coalesce(select(own.c.same_as).where(own.c.id == table.c.pupil_id).scalar_subquery(), table.c.pupil_id)
    there = select(func.coalesce(record.c.same_as, record.c.id)).join(rolls, rolls.c.pupil_id == record.c.id)
    return child.in_(there.where(on_roll, where))


def notices_asked_for(to: Visibility, table: Table, query: NoticeQuery, *conditions: ColumnElement[bool]) -> Select[*tuple[object, ...]]:
    """Return the query for the notices that are asked for and that the caller may see."""
    found = select(table).where(visible(to, table), *conditions)
    if query.case_id is not None:
        found = found.where(table.c.case_id == query.case_id)
    if query.urn is not None:
        found = found.where(table.c.urn == query.urn)
    return found
