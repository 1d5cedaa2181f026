"""Reasons that are overdue: the count as it would be if every N past its time were entered as O."""

from dataclasses import replace
from datetime import date, timedelta

from services.thresholds.domain.counting import spell_of
from services.thresholds.domain.facts import History, Mark, Policies, SchoolYears, any_held
from services.thresholds.domain.judgement import judge
from services.thresholds.domain.sessions import slot_of
from shared.attendance.reasons import UNRESOLVED, reason_due
from shared.law import Law, UnknownProvisionError

ENTERED_AS = "O"
CALENDAR_REACH = 120
"""Days after which no calendar reaches further."""


def count_with_unresolved(history: History, policies: Policies, today: date) -> int | None:
    """Return the count as if every N past its fifth school day were O (SI 2024/208 reg. 10(7) to (9)); None where there is none.

    Nothing is converted: the school must do that.
    """
    overdue = {mark for mark in history.marks if _overdue(mark, history, policies, today)}
    if not overdue:
        return None
    marks = tuple(mark._replace(code=ENTERED_AS) if mark in overdue else mark for mark in history.marks)
    return judge(replace(history, marks=marks), policies).count


def due_of(mark: Mark, law: Law, years: SchoolYears) -> date | None:
    """Return the school day by which an N must have its reason, as `reason_due` does."""
    day = mark.session.date
    later = (day + timedelta(days=days) for days in range(1, CALENDAR_REACH + 1))
    return reason_due(day, (each for each in later if any_held(years, mark.urn, slot_of(each), slot_of(each) + 2)), law)


def _overdue(mark: Mark, history: History, policies: Policies, today: date) -> bool:
    spell = spell_of(history, mark) if mark.code == UNRESOLVED else None
    if spell is None:
        return False
    try:
        due = due_of(mark, policies(spell.la_code), history.years)
    except UnknownProvisionError:
        return False
    return due is not None and due < today
