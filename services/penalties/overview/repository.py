"""Cases, listed and shown."""

from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from services.penalties.case_file.domain.facts import Case
from services.penalties.case_file.repository.visibility import Visibility, on_roll_today, visible
from services.penalties.tables.cases import cases
from services.penalties.tables.projections import pupils, rolls
from shared.attendance.identities import pupils_by_upn, records_of
from shared.attendance.sessions import Half
from shared.contracts.event import Period, SessionRef
from shared.database import Transaction
from shared.database.paging import Listed, Order, PageQuery, fetch_page
from shared.database.rows import fetch_all


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCase(Case):
    """A case with the pupil's UPN."""

    upn: str | None

    @property
    def met_at(self) -> SessionRef:
        """The session at which the threshold was met."""
        return SessionRef(date=self.met_on, session=self.met_session)

    @property
    def window(self) -> Period:
        """The weeks that were judged."""
        return Period(start=self.window_from, end=self.window_to)

    @property
    def holiday_period(self) -> Period | None:
        """The single holiday, where the threshold was met by one."""
        return Period(start=self.holiday_from, end=self.holiday_to) if self.holiday_from and self.holiday_to else None

    @property
    def count(self) -> int:
        """How many sessions count."""
        return len(self.counting)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list; `count`: how many sessions count."""

    id: UUID
    pupil_id: UUID
    upn: str | None
    urn: int
    la_code: str
    status: str
    outcome: str | None
    opened_on: date
    closed_on: date | None
    threshold: str
    policy: str
    met_on: date
    met_session: Half
    holiday: bool
    earliest_time_bar: date
    by_hand: bool
    count: int

    @property
    def met_at(self) -> SessionRef:
        """The session at which the threshold was met."""
        return SessionRef(date=self.met_on, session=self.met_session)


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """Which cases are asked for: by any UPN that the pupil has or had, by the case's school or the pupil's present one, by status."""

    upn: str | None
    urn: int | None
    status: str | None


@dataclass(frozen=True, slots=True)
class OtherCase:
    """Another open case of the child."""

    id: UUID
    urn: int
    met_on: date
    met_session: Half
    status: str

    @property
    def met_at(self) -> SessionRef:
        """The session at which the threshold was met."""
        return SessionRef(date=self.met_on, session=self.met_session)


async def other_open_cases(tx: Transaction, to: Visibility, case: Case) -> list[OtherCase]:
    """Return the child's open cases beside this one that are visible, the earliest first."""
    columns = [cases.c[field.name] for field in fields(OtherCase)]
    child = cases.c.pupil_id.in_(records_of(case.pupil_id))
    others = select(*columns).where(child, cases.c.id != case.id, cases.c.status == "open", visible(to, cases))
    return await fetch_all(tx, others.order_by(cases.c.met_on, cases.c.id), OtherCase)


async def case_page(tx: Transaction, to: Visibility, query: CaseQuery, page: PageQuery) -> Listed[CaseRow]:
    """Return the cases that are asked for and visible, in the order of `_order`."""
    child = pupils.alias("child")
    # A list shows none of the sessions and findings, which are most of a case.
    columns = [cases.c[field.name] for field in fields(CaseRow) if field.name in cases.c]
    count = func.jsonb_array_length(cases.c.counting).label("count")
    found = select(*columns, func.coalesce(child.c.upn, pupils.c.upn).label("upn"), count)
    found = found.join_from(cases, pupils, cases.c.pupil_id == pupils.c.id, isouter=True)
    found = found.join(child, child.c.id == func.coalesce(pupils.c.same_as, pupils.c.id), isouter=True)
    found = found.where(visible(to, cases))
    if query.upn is not None:
        found = found.where(cases.c.pupil_id.in_(pupils_by_upn(query.upn)))
    if query.urn is not None:
        found = found.where(or_(cases.c.urn == query.urn, on_roll_today(to, cases, rolls.c.urn == query.urn)))
    if query.status is not None:
        found = found.where(cases.c.status == query.status)
    return await fetch_page(tx, found, CaseRow, _order(query.status, to.today), page)


def _order(status: str | None, today: date) -> Order:
    """Return the order in which cases are dealt with: closed ones by when they ended, the latest first; others by the nearest time bar.

    A time bar that has passed comes after those that have not: nothing is lost by looking at it tomorrow.
    """
    if status == "closed":
        return Order((func.coalesce(cases.c.closed_on, cases.c.opened_on), cases.c.id), descending=True)
    over: ColumnElement[bool] = cases.c.earliest_time_bar < today
    return Order((cases.c.status == "closed", over, cases.c.earliest_time_bar, cases.c.id))
