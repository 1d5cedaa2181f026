"""Reasons that are overdue: the count as it would be if every N past its time were entered as O."""

from dataclasses import replace
from datetime import date, timedelta

from services.thresholds.domain.counting import spell_of
from services.thresholds.domain.facts import History, Mark, Policies, SchoolYears, any_held
from services.thresholds.domain.judgement import judge
from services.thresholds.domain.sessions import slot_of
from shared.law import Law, UnknownProvisionError

UNRESOLVED, ENTERED_AS = "N", "O"
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


def reason_due(mark: Mark, law: Law, years: SchoolYears) -> date | None:
    """Return the school day by which an N must have its reason; None where the school's sessions are not known that far.

    Raise UnknownProvisionError for a session before the framework.
    """
    left, day = law.at("reason_school_days", mark.session.date).value, mark.session.date
    for _ in range(CALENDAR_REACH):
        day += timedelta(days=1)
        left -= any_held(years, mark.urn, slot_of(day), slot_of(day) + 2)
        if left == 0:
            return day
    return None


def _overdue(mark: Mark, history: History, policies: Policies, today: date) -> bool:
    spell = spell_of(history, mark) if mark.code == UNRESOLVED else None
    if spell is None:
        return False
    try:
        due = reason_due(mark, policies(spell.la_code), history.years)
    except UnknownProvisionError:
        return False
    return due is not None and due < today
