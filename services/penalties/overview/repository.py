"""Cases, listed."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select

from services.penalties.case_file.domain.facts import Case
from services.penalties.case_file.repository.visibility import Visibility, on_roll_today, visible
from services.penalties.tables import row_of
from services.penalties.tables.cases import cases
from services.penalties.tables.projections import pupils, rolls
from shared.attendance.identities import pupils_by_upn
from shared.contracts.event import Period, SessionRef
from shared.database import Transaction
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
class CaseQuery:
    """Which cases are asked for: by any UPN that the pupil has or had, by the case's school or the pupil's present one, by status."""

    upn: str | None
    urn: int | None
    status: str | None
    after: UUID | None
    limit: int


async def case_page(tx: Transaction, to: Visibility, query: CaseQuery) -> list[ListedCase]:
    """Return the cases that are asked for and visible, in the order in which they were opened."""
    child = pupils.alias("child")
    found = select(cases, func.coalesce(child.c.upn, pupils.c.upn).label("upn"))
    found = found.join_from(cases, pupils, cases.c.pupil_id == pupils.c.id, isouter=True)
    found = found.join(child, child.c.id == func.coalesce(pupils.c.same_as, pupils.c.id), isouter=True)
    found = found.where(visible(to, cases))
    if query.upn is not None:
        found = found.where(cases.c.pupil_id.in_(pupils_by_upn(query.upn)))
    if query.urn is not None:
        found = found.where(or_(cases.c.urn == query.urn, on_roll_today(to, cases, rolls.c.urn == query.urn)))
    if query.status is not None:
        found = found.where(cases.c.status == query.status)
    if query.after is not None:
        found = found.where(cases.c.id > query.after)
    return await fetch_all(tx, found.order_by(cases.c.id).limit(query.limit), row_of(ListedCase))
