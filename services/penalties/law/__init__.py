"""The dated law of penalties, by authority; the numbers stand in the TOML files beside."""

from pathlib import Path

from shared.attendance.law import load_statutes
from shared.law import Law
from shared.settings import settings

STATUTES = load_statutes(Path(__file__).parent)


def law_of(la_code: str) -> Law:
    """Return the pack that binds an authority: its own, or the installation's."""
    return STATUTES.for_authority(la_code, settings().policy)
