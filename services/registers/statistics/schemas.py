"""Attendance figures of a school or an authority."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, Field

from services.registers.certificates.domain import percentage
from services.registers.fields import Answer
from services.registers.statistics.domain import By, Figures, classes
from services.registers.statistics.use_cases import Statistics
from shared.attendance.register_codes import Category


class FiguresOut(Answer):
    """Sessions by class, and the rates: in per cent of the possible sessions, null where there were none."""

    enrolments: int
    possible: int
    attended: int
    authorised: int
    unauthorised: int
    not_possible: int
    attendance: float | None
    absence: float | None
    authorised_absence: float | None
    unauthorised_absence: float | None


class TotalOut(FiguresOut):
    """Figures of a whole period, with the enrolments that missed a tenth or more of their own possible sessions."""

    persistently_absent: int
    persistent_absence: float | None


class CodeFigures(BaseModel):
    """Sessions with one code, and their share of the possible sessions in per cent: null where the code makes a session not possible."""

    code: str
    category: Category
    sessions: int
    share: float | None

    @classmethod
    def of(cls, sessions: Figures, total: Figures) -> Self:
        """Return the sessions with one code, which stand in `attended`, and their share."""
        code, counted = sessions.part or "", sessions.attended
        category = classes()[code]
        share = None if category == "not-possible" else percentage(counted, total.possible)
        return cls(code=code, category=category, sessions=counted, share=None if share is None else float(share))


class WeekFigures(FiguresOut):
    """Figures of one week, by its Monday."""

    week: Annotated[date, Field(validation_alias="part")]


class SchoolFigures(TotalOut):
    """Figures of one school."""

    urn: Annotated[int, Field(validation_alias="part")]


class StatisticsOut(Answer):
    """Attendance figures of a period, in total and by code, week or school.

    Counted are pupils aged 5 to 15 on the 31 August before, on sessions that the school held and on its roll (a pupil at two schools is
    two enrolments); both marks of presence are codes of their own, one of the morning and one of the afternoon.
    """

    start: date = Field(alias="from")
    end: date = Field(alias="to")
    urn: int | None
    la: str | None
    by: By
    total: TotalOut
    items: list[CodeFigures] | list[WeekFigures] | list[SchoolFigures]
    schools_waiting: int
    """Schools of which something has changed that is not yet counted; nearly always 0. Ask again: each answer counts a part of it."""

    @classmethod
    def of(cls, found: Statistics) -> Self:
        """Return statistics as the API shows them."""
        items: list[CodeFigures] | list[WeekFigures] | list[SchoolFigures]
        if found.by == "code":
            items = [CodeFigures.of(part, found.total) for part in found.parts]
        elif found.by == "week":
            items = [WeekFigures.model_validate(part) for part in found.parts]
        else:
            items = [SchoolFigures.model_validate(part) for part in found.parts]
        total = TotalOut.model_validate(found.total)
        return cls(
            start=found.start,
            end=found.end,
            urn=found.urn,
            la=found.la,
            by=found.by,
            total=total,
            items=items,
            schools_waiting=found.schools_waiting,
        )
