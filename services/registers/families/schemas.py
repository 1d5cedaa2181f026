"""A family, and what schools recorded of its children on the same days."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from services.registers.families.use_cases import Family, FamilyChild
from services.registers.fields import Answer
from services.registers.leave.domain import Code, State
from services.registers.leave.schemas import DayOfWeek
from services.registers.marks.domain.register_times import Flag
from services.registers.pupils.schemas.people import NamedPupil
from shared.attendance.sessions import Half


class FamilyParent(Answer):
    """A person by name, and whose parent they are; `open_match`: an officer is to decide whether they are another person too."""

    id: UUID
    forename: str
    surname: str
    open_match: bool
    children: list[UUID]


class FamilyMark(Answer):
    """A mark as it now stands, and what is wrong with it."""

    urn: int
    date: date
    session: Half
    code: str
    flags: list[Flag]


class ChildLeave(Answer):
    """Leave that was asked for, for some of the days, and what was decided."""

    id: UUID
    urn: int
    starts_on: Annotated[date, Field(alias="from")]
    ends_on: Annotated[date, Field(alias="to")]
    status: Annotated[State, Field(validation_alias="state")]
    code: Code | None
    decided_on: date | None
    sessions_of_week: Annotated[tuple[DayOfWeek, ...], Field(validation_alias="pattern")]


class FamilyChildOut(NamedPupil):
    """A child of the family; marks and leave only where days were asked for."""

    parent_ids: list[UUID]
    marks: list[FamilyMark]
    leave: list[ChildLeave]

    @classmethod
    def of(cls, child: FamilyChild) -> Self:
        """Return a child as the API shows them."""
        return cls(
            **dict(NamedPupil.model_validate(child.pupil)),
            parent_ids=list(child.parent_ids),
            marks=[FamilyMark.model_validate(each) for each in child.marks],
            leave=[ChildLeave.model_validate(each) for each in child.leave],
        )


class FamilyOut(Answer):
    """Parents and their children, as far as the caller may see them, the eldest child first."""

    start: Annotated[date | None, Field(alias="from")]
    end: Annotated[date | None, Field(alias="to")]
    parents: list[FamilyParent]
    children: list[FamilyChildOut]

    @classmethod
    def of(cls, family: Family) -> Self:
        """Return a family as the API shows it."""
        return cls(
            start=family.days.start if family.days else None,
            end=family.days.end if family.days else None,
            parents=[FamilyParent.model_validate(each) for each in family.parents],
            children=[FamilyChildOut.of(each) for each in family.children],
        )
