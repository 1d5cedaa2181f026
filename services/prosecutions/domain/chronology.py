"""The chronology of a court file: what happened on which day, and who did it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.prosecutions.domain.evidence import Case, ImprovementNotice, OverdueNotice, ReliedOnSession
from shared.attendance.money import pounds


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a chronology; `by`: a person's name or an official title."""

    on: date
    what: str
    by: str | None = None


def steps_of_sessions(ordered: Sequence[ReliedOnSession]) -> list[Step]:
    """Return the first and the last session relied on."""
    return [
        Step(each.date, f"{name} session relied on ({each.session}, code {each.code})")
        for name, each in (("First", ordered[0]), ("Last", ordered[-1]))
    ]


def steps_of_case(case: Case, titles: Mapping[str, str]) -> list[Step]:
    """Return the steps of a case. Those of one day stand in this order: how a Notice to Improve ended, what was decided, what was issued.

    `titles`: the official title of each role.
    """
    issued: list[Step] = []
    ended: list[Step] = []
    for notice in case.improvement_notices:
        issued += _steps_of_improvement(notice)
        if notice.outcome_on:
            steps = issued if notice.outcome_on == notice.issued_on else ended
            steps.append(Step(notice.outcome_on, f"Outcome of the Notice to Improve: {notice.outcome}"))
    decided = [Step(each.on, each.what[:1].upper() + each.what[1:], titles.get(each.by_role, each.by_role)) for each in case.decisions]
    return [*ended, *decided, *issued]


def step_of_issue(notice: OverdueNotice) -> Step:
    """Return the step of a penalty notice's issue."""
    return Step(notice.issued_on, f"Penalty notice {notice.reference} issued")


def steps_of_payment(notice: OverdueNotice) -> list[Step]:
    """Return the steps from a penalty notice's posting to the day from which it is overdue."""
    name = f"Penalty notice {notice.reference}"
    deadlines = [Step(notice.final_deadline, f"Last day to pay {pounds(notice.full_pence)}")]
    if notice.early_pence < notice.full_pence:
        deadlines.insert(0, Step(notice.early_deadline, f"Last day to pay {pounds(notice.early_pence)}"))
    return [
        Step(notice.served.posted_on, f"{name} sent ({notice.served.method})"),
        Step(notice.served.received_on, f"{name} received"),
        *deadlines,
        Step(notice.overdue_from, f"{name} overdue, {pounds(notice.paid_pence)} paid"),
    ]


def _steps_of_improvement(notice: ImprovementNotice) -> Iterable[Step]:
    yield Step(notice.issued_on, "Notice to Improve issued")
    if notice.served:
        yield Step(notice.served.posted_on, f"Notice to Improve sent ({notice.served.method})")
        yield Step(notice.served.received_on, "Notice to Improve received")
    if notice.starts_on and notice.ends_on:
        yield Step(notice.starts_on, "Improvement period begins")
        yield Step(notice.ends_on, "Improvement period ends")
