"""Questions about an O after an illness, and answers."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from services.registers.fields import Answer, Prose
from shared.attendance.sessions import Half


class SicknessAnswerIn(BaseModel):
    """Whether the school turned the child away, and why that is so."""

    turned_away: bool
    reason: Prose


class SicknessAnswerOut(Answer):
    """What a named person answered."""

    turned_away: bool
    reason: str
    answered_by: str
    answered_at: datetime


class SicknessQuestion(Answer):
    """An O shortly after an illness. `answer`: about the mark as it now stands; where the child was turned away, it is to be amended."""

    pupil_id: UUID
    upn: str
    forename: str
    surname: str
    ill_on: date
    date: date
    session: Half
    rule_hours: int
    answer: SicknessAnswerOut | None


class SicknessQuestions(BaseModel):
    """The questions of a period, in order."""

    items: list[SicknessQuestion]
