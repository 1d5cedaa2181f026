"""Registers and marks that contradict themselves."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from services.registers.marks.domain.register_times import Flag
from shared.attendance.sessions import Half


class FlagOut(BaseModel):
    """What is wrong, as a word and as a sentence."""

    flag: Flag
    sentence: str


class FlaggedMark(BaseModel):
    """A mark that the times of its register contradict. It stands until the school amends it."""

    pupil_id: UUID
    upn: str
    forename: str
    surname: str
    code: str
    minutes_late: int
    flags: list[FlagOut]


class FlaggedRegister(BaseModel):
    """A register that was open too long, too short or on another day, was taken on a session not held, or holds marks that its times contradict."""

    opened_at: datetime | None
    closed_at: datetime | None
    minutes_open: int | None
    flags: list[FlagOut]
    marks: list[FlaggedMark]
    date: date
    session: Half


class FlaggedRegisters(BaseModel):
    """A school's flagged registers of a period, in order."""

    items: list[FlaggedRegister]
