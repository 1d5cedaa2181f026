"""Which law binds: the national text, and the policy pack of the school's authority."""

from pathlib import Path

from shared.attendance.law import load_statutes
from shared.law import Law
from shared.settings import settings

STATUTES = load_statutes(Path(__file__).parent)

NATIONAL = STATUTES.packs["england"]
"""What holds in every authority alike."""


def law_of(la_code: str) -> Law:
    """Return the law as the authority's pack has it, or the installation's where the authority has none of its own."""
    return STATUTES.for_authority(la_code, settings().policy)
