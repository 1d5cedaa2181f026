"""A pupil as the threshold sees one: every fact that has arrived, in whatever order, and what follows from them together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from services.thresholds.domain.facts import History, Mark, Policies, SchoolYears, Spell, unauthorised_codes
from services.thresholds.domain.judgement import Judgement, judge
from services.thresholds.domain.reliance import MarkChange, Reliance, change_by_mark, changes_by_reliance, spent
from services.thresholds.domain.runs import Progress, Standing, ended_by, follow
from services.thresholds.domain.sessions import Session, Span


@dataclass(frozen=True, slots=True)
class Roll:
    """A pupil's stays on rolls and compulsory school age, as `registers` last said them."""

    revision: int
    compulsory: Span
    spells: tuple[Spell, ...]

    def dual_on(self, day: date) -> bool:
        """Tell whether the pupil was on two schools' rolls that day."""
        return len({spell.urn for spell in self.spells if spell.touches(day, day)}) > 1

    @property
    def dual(self) -> bool:
        """Tell whether the pupil was ever on two schools' rolls at once."""
        return any(
            one.urn < other.urn and one.touches(other.admitted_on, other.left_on or date.max)
            for one in self.spells
            for other in self.spells
        )


@dataclass(frozen=True, slots=True)
class NewMark:
    """A mark as a register says it."""

    mark: Mark
    previous_code: str | None = None
    dual: bool = False


@dataclass(frozen=True, slots=True)
class Closure:
    """A case that was closed: it ends its run, and sets aside the sessions up to a day where no notice or charge came of it."""

    case_id: UUID
    run_id: UUID
    closed_on: date
    set_aside_to: date | None = None


@dataclass(frozen=True, slots=True)
class Pupil:
    """The facts about one pupil. Whoever changes them holds the pupil's lock."""

    id: UUID
    roll: Roll | None = None
    """None until the roll has arrived; nothing is judged before that."""
    marks: Mapping[tuple[Session, int], Mark] = field(default_factory=dict)
    reliances: tuple[Reliance, ...] = ()
    closures: tuple[Closure, ...] = ()
    standing: Standing = field(default_factory=Standing)

    @property
    def spent(self) -> frozenset[Session]:
        """The sessions behind penalty notices and charges."""
        return spent(self.reliances)

    @property
    def set_aside_to(self) -> date | None:
        """The latest day up to which closed cases set sessions aside."""
        return max((each.set_aside_to for each in self.closures if each.set_aside_to), default=None)


def keeps(pupil: Pupil, new: NewMark) -> bool:
    """Tell whether a mark may ever matter, so that it is stored.

    It does if it is, or was, an unauthorised absence, if it was amended, or if another school may have marked the session too.
    """
    day = new.mark.session.date
    absent = unauthorised_codes(day)
    return (
        new.mark.code in absent
        or new.previous_code in absent
        or new.mark.version > 1
        or new.dual
        or (new.mark.session, new.mark.urn) in pupil.marks
        or (pupil.roll is not None and pupil.roll.dual_on(day))
    )


def record(pupil: Pupil, news: Iterable[NewMark]) -> tuple[Pupil, list[Mark], list[MarkChange]]:
    """Take in marks that are newer than those known; return the pupil, what must be stored, and what shook something that rests on it."""
    marks, stored, changes = dict(pupil.marks), {}, []
    for new in news:
        mark = new.mark
        place = (mark.session, mark.urn)
        known = marks.get(place)
        if (known and known.version >= mark.version) or not keeps(pupil, new):
            continue
        if known is None and new.previous_code and mark.version > 1:
            known = Mark(mark.session, mark.urn, new.previous_code, mark.version - 1)
        change = change_by_mark(mark, known, pupil.reliances)
        if change:
            changes.append(change)
        marks[place] = stored[place] = mark
    return replace(pupil, marks=marks), list(stored.values()), changes


def rely(pupil: Pupil, reliance: Reliance) -> tuple[Pupil, list[MarkChange]]:
    """Take in what is known of something that rests on sessions; return what had changed under it before it became known."""
    before = next((each for each in pupil.reliances if each.id == reliance.id), None)
    others = tuple(each for each in pupil.reliances if each.id != reliance.id)
    changes = changes_by_reliance(reliance, pupil.marks) if before is None or not before.marks else []
    return replace(pupil, reliances=(*others, reliance)), changes


def history_of(pupil: Pupil, roll: Roll, years: SchoolYears) -> History:
    """Return what a pupil is judged by."""
    return History(tuple(pupil.marks.values()), roll.spells, roll.compulsory, years, pupil.spent, pupil.set_aside_to)


def review(pupil: Pupil, years: SchoolYears, policies: Policies, fresh: UUID) -> tuple[Judgement, Progress] | None:
    """Judge a pupil anew and move the run on; None while the roll is not known."""
    if pupil.roll is None:
        return None
    judgement = judge(history_of(pupil, pupil.roll, years), policies)
    closed_runs = frozenset(each.run_id for each in pupil.closures)
    ended = ended_by(pupil.standing, pupil.spent, pupil.set_aside_to, closed_runs)
    return judgement, follow(pupil.standing, judgement, ended, fresh)
