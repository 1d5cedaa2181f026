"""Fields of the API that several parts have: dates, instants, lines, persons; and the base of its answers."""

import re
from datetime import date, datetime, time
from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso(value: object) -> object:
    if not isinstance(value, date) and not (isinstance(value, str) and _ISO_DATE.fullmatch(value)):
        raise ValueError("a date is written YYYY-MM-DD")
    return value


def blank_is_none(value: object) -> object:
    """Return None for an empty string, and a list without its empty lines."""
    # Many school systems send an empty string, or an empty line, for what they do not know.
    if isinstance(value, list):
        return [each for each in value if blank_is_none(each) is not None] or None
    return None if isinstance(value, str) and not value.strip() else value


def null_is(default: object) -> BeforeValidator:
    """Return a validator that takes null for a field that was left out, as many school systems send it."""
    return BeforeValidator(lambda value: default if value is None else value)


def plausible(moment: datetime | time) -> datetime | time:
    """Return an instant or time; raise ValueError where the year is beyond what the database and time zones take."""
    if isinstance(moment, datetime) and not 2000 <= moment.year <= 2099:
        raise ValueError("the year is out of range")
    return moment


AnyDate = Annotated[date, BeforeValidator(_iso)]
CivilDate = Annotated[AnyDate, Field(ge=date(1900, 1, 1), le=date(2099, 12, 31))]
Moment = Annotated[datetime | time, AfterValidator(plausible)]
"""An instant, or a time of day in London on the day of the register."""
# PostgreSQL's text holds everything but NUL.
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000, pattern=r"^[^\x00]*$")]
MaybeLine = Annotated[Line | None, BeforeValidator(blank_is_none)]
MaybeMoment = Annotated[Moment | None, BeforeValidator(blank_is_none)]
Address = Annotated[Annotated[list[Line], Field(max_length=7)] | None, BeforeValidator(blank_is_none)]
"""Up to seven lines, the last one the postcode."""


District = Annotated[str | None, Query(max_length=200, description="An officer's area within an authority")]


class Answer(BaseModel):
    """What the API answers with, made from the answer of a use case by the names of its attributes."""

    model_config = ConfigDict(from_attributes=True, populate_by_name=True, serialize_by_alias=True)


class Person(Answer):
    """Someone who acts for a school, by name and office."""

    name: Line
    title: MaybeLine = None
