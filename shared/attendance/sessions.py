"""The two sessions of a school day."""

from typing import Literal

Half = Literal["AM", "PM"]
"""Which session of a day."""
