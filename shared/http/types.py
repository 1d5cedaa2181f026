"""Path and body types that several services use."""

from typing import Annotated

from pydantic import StringConstraints
from pydantic.fields import Field

Urn = Annotated[int, Field(ge=100000, le=999999, description="Unique reference number of a school, six digits")]
LaCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]
"""Three-digit code of a local authority; Essex is 881."""
Upn = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{11}[0-9A-Z]$")]
"""Unique pupil number: check letter, eleven digits, a digit (or a letter where it is temporary)."""
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000, pattern=r"^[^\x00]*$")]
"""Why a person does something, in their own words: more than a text area of the console takes."""
SchoolYear = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-[0-9]{2}$")]
"""A school year by its two calendar years, such as "2026-27"."""
