"""Which of a pupil's marks count."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from services.thresholds.domain.facts import History, Mark, MarkKey, Policies, Spell, not_held, unauthorised_codes
from services.thresholds.domain.sessions import Session
from shared.law import Law, UnknownProvisionError

DUAL = "D"
"""At the other school where the pupil is registered (SI 2024/208 reg. 10): gives way to that school's mark."""
HOLIDAY = "G"


class CountingSession(NamedTuple):
    """A session that counts, once, whichever schools marked it: shown with the lowest URN among them."""

    session: Session
    urn: int
    la_code: str
    code: str
    version: int
    holiday_at: tuple[int, ...] = ()
    """The schools whose mark is G."""

    @property
    def key(self) -> MarkKey:
        """The session and the school."""
        return self.session, self.urn


@dataclass(frozen=True, slots=True)
class FlaggedMark:
    """A mark that is kept and does not count: outside the roll as it now stands, on a session that was not held, or on a day of granted leave."""

    mark: Mark
    why: Literal["off-roll", "not-held", "leave-granted"]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two schools' marks for one session of which not all count: it does not count, and a person should look."""

    session: Session
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class ClassifiedMarks:
    """A pupil's marks: the sessions that count, the marks that cannot count, and the sessions about which schools disagree."""

    counting: tuple[CountingSession, ...]
    flagged: tuple[FlaggedMark, ...]
    disagreements: tuple[Disagreement, ...]


def classify_marks(history: History, policies: Policies) -> ClassifiedMarks:
    """Return which sessions count, by the policy pack of each school's authority in force on the day of the session.

    A session counts if the pupil was on the school's roll and of compulsory school age (Education Act 1996 s.8), the school held the
    session, and every school that marked it gave a code that counts; code D (SI 2024/208 reg. 10) is no mark of its own. Sessions
    that are spent are still among them; `judge` takes those out. An absence on a day of granted leave counts for nothing until a person of the
    school confirms it; any other mark on such a day stays evidence beside another school's.
    """
    flagged: list[FlaggedMark] = []
    by_session: dict[Session, list[tuple[Mark, Spell]]] = defaultdict(list)
    for mark in sorted(history.marks):
        spell = spell_of(history, mark)
        if spell is None:
            flagged.append(FlaggedMark(mark, "off-roll"))
        elif not_held(history.years, mark):
            flagged.append(FlaggedMark(mark, "not-held"))
        elif mark.covered and mark.code in unauthorised_codes(mark.session.date):
            flagged.append(FlaggedMark(mark, "leave-granted"))
        elif history.compulsory.contains(mark.session.date) and mark.code != DUAL:
            by_session[mark.session].append((mark, spell))
    counting: list[CountingSession] = []
    disagreements: list[Disagreement] = []
    for session, marks in by_session.items():
        verdicts = [counts(mark, policies(spell.la_code)) for mark, spell in marks]
        if all(verdicts):
            counting.append(_counting_session(session, marks))
        elif any(verdicts):
            disagreements.append(Disagreement(session, tuple(mark for mark, _ in marks)))
    return ClassifiedMarks(tuple(counting), tuple(flagged), tuple(disagreements))


def counts(mark: Mark, law: Law) -> bool:
    """Return whether a mark's code counts under its authority's pack on that day; before the framework (SI 2024/210) nothing does."""
    day = mark.session.date
    try:
        return day >= law.at("first_counting_day", day).value and mark.code in law.at("counting_codes", day).value
    except UnknownProvisionError:
        return False


def spell_of(history: History, mark: Mark) -> Spell | None:
    """Return the stay on the school's roll in which a mark was made; None where there is none."""
    day = mark.session.date
    for spell in history.spells:
        if spell.urn == mark.urn and spell.touches(day, day):
            return spell
    return None


def _counting_session(session: Session, marks: Sequence[tuple[Mark, Spell]]) -> CountingSession:
    mark, spell = marks[0]  # sorted by URN
    holiday_at = tuple([each.urn for each, _ in marks if each.code == HOLIDAY])
    return CountingSession(session, mark.urn, spell.la_code, mark.code, mark.version, holiday_at)
