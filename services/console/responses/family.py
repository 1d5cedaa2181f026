"""A family from registers, and what penalty notices would cost it from penalties."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.console.responses.schools import DayOfWeek, LeaveRequest, Named, PupilSchool
from services.console.responses.values import Finding, ServiceResponse
from shared.attendance.register_codes import codes_on
from shared.attendance.sessions import Half


class FamilySchool(PupilSchool):
    """A stay on a school's roll, up to its last day."""

    left_on: date | None = None


class FamilyParent(Named):
    """A person by name, and whose parent they are."""

    id: UUID
    open_match: bool
    children: list[UUID]


class FamilyMark(ServiceResponse):
    """A mark as it now stands."""

    urn: int
    date: date
    session: Half
    code: str

    @property
    def is_absence(self) -> bool:
        """Return whether the pupil was absent, with authority or without."""
        code = codes_on(self.date).get(self.code)
        return code is not None and code.category in {"authorised", "unauthorised"}

    @property
    def is_unauthorised(self) -> bool:
        """Return whether the pupil was absent without authority."""
        code = codes_on(self.date).get(self.code)
        return code is not None and code.category == "unauthorised"


class ChildLeave(ServiceResponse):
    """Leave that was asked for, for some of the days, and what was decided."""

    id: UUID
    urn: int
    start: date = Field(alias="from")
    end: date = Field(alias="to")
    status: Literal["asked", "granted", "refused", "withdrawn"]
    code: str | None
    decided_on: date | None
    sessions_of_week: tuple[DayOfWeek, ...] = ()


class FamilyChild(Named):
    """A child of the family, with what schools recorded of the days."""

    id: UUID
    upn: str
    schools: list[FamilySchool]
    parent_ids: list[UUID]
    marks: list[FamilyMark]
    leave: list[ChildLeave]

    def marks_of(self, day: date, half: Half) -> Sequence[FamilyMark]:
        """Return the marks of a session, one for each school that made one."""
        return [each for each in self.marks if (each.date, each.session) == (day, half)]


class Family(ServiceResponse):
    """Parents and their children, as far as the person may see them."""

    parents: list[FamilyParent]
    children: list[FamilyChild]

    @property
    def names(self) -> dict[UUID, str]:
        """Return everybody's name by id."""
        return {each.id: each.name for each in self.parents} | {each.id: each.name for each in self.children}

    def others(self, child_id: UUID, today: date, schools: Collection[int] | None) -> list[tuple[str, str, str]]:
        """Return the other children at each school where they are today (of these, None: any), as choices."""
        return [
            (f"{child.upn}_{stay.urn}", child.name, stay.name)
            for child in self.children
            for stay in child.schools
            if child.id != child_id and (stay.left_on is None or stay.left_on >= today) and (schools is None or stay.urn in schools)
        ]

    @property
    def notices(self) -> list[tuple[str, str, str]]:
        """Return the notices that can be thought of, as choices: to each parent about each child of theirs."""
        names = self.names
        return [
            (f"{parent_id}_{child.id}", f"To {names[parent_id]} about {child.name}", "")
            for child in self.children
            for parent_id in child.parent_ids
        ]

    @property
    def sessions_with_absence(self) -> list[tuple[date, Half]]:
        """Return the sessions in which any child was absent, in order."""
        return sorted({(each.date, each.session) for child in self.children for each in child.marks if each.is_absence})


class ProposedNotice(ServiceResponse):
    """What a notice to one parent about one child would be."""

    parent_id: UUID
    pupil_id: UUID
    available: bool
    tier: str
    early_pence: int | None
    full_pence: int | None
    findings: list[Finding]


class FamilyAssessment(ServiceResponse):
    """What penalty notices would cost a family."""

    items: list[ProposedNotice]
    early_pence: int
    full_pence: int


class FamilyLeave(ServiceResponse):
    """Requests for several children that a parent asked for together."""

    id: UUID
    items: list[LeaveRequest]

    @property
    def awaiting(self) -> list[LeaveRequest]:
        """Return those that await a decision."""
        return [each for each in self.items if each.status == "asked"]
