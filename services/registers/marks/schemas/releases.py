"""Quarantined marks that are being released."""

from typing import Annotated

from pydantic import Field

from services.registers.fields import Answer
from services.registers.marks.use_cases.release import MOST_COUNTED


class ReleaseProgressOut(Answer):
    """How far the release of quarantined marks at a school has come; nothing waits where both are 0."""

    pupils: Annotated[int, Field(description="Pupils whose marks are being released")]
    marks: Annotated[int, Field(description=f"Their marks that are still in quarantine; at most {MOST_COUNTED:,} are counted")]
