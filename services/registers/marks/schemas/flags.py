"""Registers and marks that contradict themselves."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict

from services.registers.marks.domain.register_times import Flag
from shared.attendance.sessions import Half


class FlagOut(BaseModel):
    """What is wrong, as a word and as a sentence."""

    flag: Flag
    sentence: str


def _with_sentences(flags: Iterable[Flag]) -> list[FlagOut]:
    return [FlagOut(flag=flag, sentence=flag.sentence) for flag in flags]


Flags = Annotated[list[FlagOut], BeforeValidator(_with_sentences)]


class FlaggedMark(BaseModel):
    """A mark that contradicts the times of its register, or what else is recorded. It stands until the school amends it."""

    model_config = ConfigDict(from_attributes=True)

    pupil_id: UUID
    upn: str
    forename: str
    surname: str
    code: str
    minutes_late: int | None
    flags: Flags


class FlaggedRegister(BaseModel):
    """A register that was open too long, too short or on another day, was taken on a session not held, or holds marks that its times contradict."""

    model_config = ConfigDict(from_attributes=True)

    opened_at: datetime | None
    closed_at: datetime | None
    minutes_open: int | None
    flags: Flags
    marks: list[FlaggedMark]
    date: date
    session: Half


class FlaggedRegisters(BaseModel):
    """A school's flagged registers of a period, in order."""

    model_config = ConfigDict(from_attributes=True)

    items: list[FlaggedRegister]
