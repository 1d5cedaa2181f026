"""The dated law of penalties, by authority; the numbers stand in the TOML files beside."""

from datetime import date
from pathlib import Path

from shared.attendance.law import load_statutes
from shared.law import Law, UnknownProvisionError
from shared.settings import settings

STATUTES = load_statutes(Path(__file__).parent)


def law_of(la_code: str) -> Law:
    """Return the pack that binds an authority: its own, or the installation's."""
    return STATUTES.for_authority(la_code, settings().policy)


def code_findings(la_code: str, day: date, outcome: str) -> tuple[dict[str, object], ...]:
    """Return the finding that names the code of conduct in force on a day, and what was done by it; nothing where none is held."""
    try:
        return (law_of(la_code).at("code_of_conduct", day).finding(outcome, on=day).as_json(),)
    except UnknownProvisionError:
        return ()
