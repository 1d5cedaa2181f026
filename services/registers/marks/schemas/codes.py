"""The codes of the register."""

from datetime import date

from pydantic import BaseModel, ConfigDict

from shared.attendance.register_codes import Category
from shared.attendance.sessions import Half


class CodeOut(BaseModel):
    """A register code as it may be entered on the day asked for."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    meaning: str
    sessions: tuple[Half, ...]
    category: Category
    since: date
    until: date | None
    reference: str
    href: str


class Codes(BaseModel):
    """The register codes of one day."""

    on: date
    items: list[CodeOut]
