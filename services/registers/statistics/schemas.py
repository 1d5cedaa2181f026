"""Attendance figures of a school or an authority."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.attendance.register_codes import Category

By = Literal["code", "week", "school"]


class FiguresOut(BaseModel):
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


class WeekFigures(FiguresOut):
    """Figures of one week, by its Monday."""

    week: date


class SchoolFigures(TotalOut):
    """Figures of one school."""

    urn: int


class StatisticsOut(BaseModel):
    """Attendance figures of a period, in total and by code, week or school.

    Counted are pupils aged 5 to 15 on the 31 August before, on sessions that the school held and on its roll (a pupil at two schools is
    two enrolments); both marks of presence are codes of their own, one of the morning and one of the afternoon.
    """

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    start: date = Field(alias="from")
    end: date = Field(alias="to")
    urn: int | None
    la: str | None
    by: By
    total: TotalOut
    items: list[CodeFigures] | list[WeekFigures] | list[SchoolFigures]
