"""Whether everything that the register holds of an offence period has been judged, and the judgement has arrived."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.penalties.domain.facts import Session
from shared.register_codes import all_codes

Place = tuple[int, date, str]
"""One school's mark of one session: URN, date, `AM` or `PM`."""

ABSENT = frozenset(entry.code for entry in all_codes() if entry.category == "unauthorised")
"""Codes of unauthorised absence at any time: a mark with another one, never amended, has nothing to be judged."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What thresholds has judged of a pupil: versions of marks, and the last revision that it said of each run."""

    versions: Mapping[Place, int]
    runs: Mapping[UUID, int]
    set_aside: tuple[Session, ...] = ()
    """Counting sessions that closed cases set aside."""


def not_judged(marks: Mapping[Place, tuple[str, int]], judged: Judged) -> tuple[Place, ...]:
    """Return the marks of the register, by code and version, of which the judgement knows nothing yet or only an earlier version."""
    return tuple(
        place
        for place, (code, version) in sorted(marks.items())
        if judged.versions.get(place, 0) < version and (place in judged.versions or version > 1 or code in ABSENT)
    )


def not_heard(heard: Mapping[UUID, int], judged: Judged) -> frozenset[UUID]:
    """Return the runs that were said at a later revision than the one that has arrived here."""
    return frozenset(run_id for run_id, revision in judged.runs.items() if heard.get(run_id, 0) < revision)
