"""One parent's matter inside a case: how far it has come, how it ended, and what comes next, by the facts about that parent alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from services.penalties.case_file.domain.cases import CaseOutcome
from services.penalties.case_file.domain.courses import agreement_to, course_of, last_answer, latest_notice, standing_request
from services.penalties.case_file.domain.facts import CaseFile, CourtFile, Decision
from services.penalties.case_file.domain.notices import ImprovementNotice, PenaltyNotice
from services.penalties.case_file.domain.refusals import Refusal
from services.penalties.case_file.domain.transitions import Transitions

Stage = Literal["to-consider", "support", "notice-to-improve", "requested", "agreed", "penalty-notice", "prosecution", "ended"]
MatterOutcome = Literal["no-action", "improved", "paid", "withdrawn", "convicted", "acquitted", "dismissed", "merged"]
What = Literal[
    "decide", "record-outcome", "answer", "issue-penalty-notice", "open-file", "pay", "clear", "decide-on-prosecution", "charge", "verdict"
]
ByWhom = Literal["school", "aco", "parent", "court"]

TRANSITIONS: Transitions = {
    ("to-consider", "support"): "case-decided",
    ("to-consider", "notice-to-improve"): "notice-issued",
    ("to-consider", "requested"): "case-decided",
    ("to-consider", "ended"): "case-decided",
    ("support", "notice-to-improve"): "notice-issued",
    ("support", "requested"): "case-decided",
    ("support", "ended"): "case-decided",
    ("notice-to-improve", "to-consider"): "improvement-ended (cancelled)",
    ("notice-to-improve", "support"): "improvement-ended (cancelled)",
    ("notice-to-improve", "requested"): "case-decided",
    ("notice-to-improve", "ended"): "improvement-ended (met), or case-decided",
    ("requested", "to-consider"): "case-decided (another course)",
    ("requested", "support"): "case-decided (another course)",
    ("requested", "notice-to-improve"): "case-decided (another course)",
    ("requested", "agreed"): "the authority agrees",
    ("requested", "ended"): "improvement-ended (met), or case-decided",
    ("agreed", "to-consider"): "case-decided (another course)",
    ("agreed", "support"): "case-decided (another course)",
    ("agreed", "notice-to-improve"): "case-decided (another course)",
    ("agreed", "requested"): "the authority answers anew, or its agreement has run out",
    ("agreed", "penalty-notice"): "notice-issued",
    ("agreed", "prosecution"): "prosecution-file-opened",
    ("agreed", "ended"): "improvement-ended (met), or case-decided",
    **{("penalty-notice", to): "notice-withdrawn (material-error)" for to in ("to-consider", "support", "notice-to-improve")},
    ("penalty-notice", "agreed"): "notice-withdrawn (material-error)",
    ("penalty-notice", "requested"): "notice-withdrawn (material-error)",
    ("penalty-notice", "prosecution"): "prosecution-file-opened",
    ("penalty-notice", "ended"): "payment-received, or notice-withdrawn",
    **{("prosecution", to): "prosecution-withdrawn" for to in ("to-consider", "support", "notice-to-improve")},
    ("prosecution", "penalty-notice"): "prosecution-withdrawn",
    ("prosecution", "requested"): "prosecution-withdrawn",
    ("prosecution", "agreed"): "prosecution-withdrawn (the notice has a material error)",
    ("prosecution", "ended"): "prosecution-concluded, or prosecution-withdrawn (paid, or the notice is withdrawn)",
    **{("ended", to): "notice-withdrawn (material-error, after it was paid)" for to in ("to-consider", "support", "notice-to-improve")},
    ("ended", "penalty-notice"): "a payment is undone",
    ("ended", "prosecution"): "a conviction is void",
    ("ended", "agreed"): "notice-withdrawn (material-error, after it was paid)",
    ("ended", "requested"): "notice-withdrawn (material-error, after it was paid)",
}
"""How the stage of a matter may change, and what brings it about."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes next in a matter, by whom (a role), and the day by which or on which, where one is stored."""

    what: What
    by_whom: ByWhom
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Matter:
    """How far a matter has come. `provisional`: the verdict may still be appealed against; `review_on`: the day from which time alone changes it."""

    parent_id: UUID
    stage: Stage
    outcome: MatterOutcome | None = None
    provisional: bool = False
    ended_on: date | None = None
    next: NextStep | None = None
    review_on: date | None = None


@dataclass(frozen=True, slots=True)
class _Ending:
    on: date
    outcome: MatterOutcome
    appeal_until: date | None = None


def people_of(case: CaseFile) -> tuple[UUID, ...]:
    """Return everyone who has a matter in a case: who is shown to be a parent, and all whom a decision, a notice or a court file names.

    Who becomes a parent when the case is closed and its time bar has passed gets none.
    """
    over = case.status == "closed" and case.as_of > case.earliest_time_bar and not case.ended_for_all
    named = [parent_id for each in case.decisions for parent_id in each.parent_ids]
    noticed = [each.parent_id for each in case.improvement_notices] + [each.parent_id for each in case.penalty_notices]
    charged = [each.parent_id for each in case.court_files]
    return tuple(dict.fromkeys((*(() if over else (parent.id for parent in case.parents if parent.parent_by)), *named, *noticed, *charged)))


def matters_of(case: CaseFile) -> tuple[Matter, ...]:
    """Return the matter of everyone who has one in a case."""
    return tuple(matter_of(case, parent_id) for parent_id in people_of(case))


def matter_of(case: CaseFile, parent_id: UUID) -> Matter:
    """Return one parent's matter: the furthest step that stands."""
    file = next((each for each in case.court_files if each.parent_id == parent_id and each.is_open), None)
    if file is not None:
        return Matter(parent_id, "prosecution", next=_next_of_file(case, file))
    notice = next((each for each in reversed(case.penalty_notices) if each.parent_id == parent_id and each.unsettled), None)
    if notice is not None:
        return Matter(parent_id, "penalty-notice", next=_next_of_notice(case, notice))
    ending = _ending(case, parent_id)
    if ending is not None:
        provisional = ending.appeal_until is not None and case.as_of <= ending.appeal_until
        review_on = ending.appeal_until + timedelta(1) if ending.appeal_until and provisional else None
        return Matter(parent_id, "ended", ending.outcome, provisional, ending.on, review_on=review_on)
    return _before_any_notice(case, parent_id)


def _before_any_notice(case: CaseFile, parent_id: UUID) -> Matter:
    if case.ended_for_all:
        return Matter(parent_id, "ended", "no-action", ended_on=case.closed_on or case.as_of)
    request = standing_request(case, parent_id)
    if request is not None:
        return _asked(case, parent_id, request)
    improvement = latest_notice(case, parent_id)
    if improvement is not None:
        return Matter(parent_id, "notice-to-improve", next=_next_of_improvement(case, improvement))
    tried = any(each.decision == "support" and parent_id in each.parent_ids for each in case.decisions)
    return Matter(parent_id, "support" if tried else "to-consider", next=_decide(case))


def _asked(case: CaseFile, parent_id: UUID, request: Decision) -> Matter:
    agreement = agreement_to(case, parent_id, request, request.decision)
    if agreement is None:
        last = last_answer(case, parent_id, request)
        declined = last is not None and (not last.agreed or last.recommendation != request.decision)
        return Matter(parent_id, "requested", next=_decide(case) if declined else NextStep("answer", "aco", case.earliest_time_bar))
    until = agreement.in_force_until
    step = NextStep("issue-penalty-notice" if request.decision == "penalty-notice" else "open-file", "aco", until)
    return Matter(parent_id, "agreed", next=step, review_on=until + timedelta(1) if until else None)


def _decide(case: CaseFile) -> NextStep:
    return NextStep("decide", "school", case.earliest_time_bar)


def _next_of_improvement(case: CaseFile, notice: ImprovementNotice) -> NextStep:
    return NextStep("record-outcome", "school", notice.ends_on or notice.planned_ends_on) if notice.running else _decide(case)


def _next_of_notice(case: CaseFile, notice: PenaltyNotice) -> NextStep:
    if notice.held:
        return NextStep("clear", "aco", None)
    if notice.status == "overdue":
        return NextStep("decide-on-prosecution", "aco", case.earliest_time_bar)
    return NextStep("pay", "parent", notice.final_deadline or notice.planned_final_deadline)


def _next_of_file(case: CaseFile, file: CourtFile) -> NextStep:
    return NextStep("verdict", "court", None) if file.status == "charged" else NextStep("charge", "aco", case.earliest_time_bar)


def _ending(case: CaseFile, parent_id: UUID) -> _Ending | None:
    """Return what ended a parent's matter last, None where nothing did or a course was set for them on a later day."""
    endings = [*_court_endings(case, parent_id), *_notice_endings(case, parent_id)]
    course, improvement = course_of(case, parent_id), latest_notice(case, parent_id)
    if improvement is not None and improvement.status == "met" and improvement.ended_on:
        endings.append(_Ending(improvement.ended_on, "improved"))
    if course is not None and course.decision == "no-action":
        endings.append(_Ending(course.decided_on, "no-action"))
    last = max(endings, key=lambda each: (each.on, -_FURTHEST.index(each.outcome)), default=None)
    # Such a course is refused today; cases of an earlier version may hold one.
    resumed = last is not None and course is not None and course.decision != "no-action" and course.decided_on > last.on
    return None if resumed else last


def _court_endings(case: CaseFile, parent_id: UUID) -> Iterable[_Ending]:
    for file in case.court_files:
        if file.parent_id == parent_id and file.status == "concluded" and file.ended_on:
            outcome: MatterOutcome = "convicted"
            if file.acquitted:
                outcome = "dismissed" if file.verdict == "no-evidence-offered" else "acquitted"
            yield _Ending(file.ended_on, outcome, file.appeal_until if outcome == "acquitted" else None)


def _notice_endings(case: CaseFile, parent_id: UUID) -> Iterable[_Ending]:
    for notice in case.penalty_notices:
        if notice.parent_id != parent_id:
            continue
        if notice.status == "paid" and notice.paid_on:
            yield _Ending(notice.paid_on, "paid")
        if notice.status == "withdrawn" and not notice.restores and notice.withdrawn_on:
            yield _Ending(notice.withdrawn_on, "withdrawn")


_FURTHEST: Sequence[MatterOutcome] = ("convicted", "acquitted", "dismissed", "paid", "withdrawn", "improved", "no-action", "merged")
_OF_CASE: dict[MatterOutcome, CaseOutcome] = {
    "convicted": "court", "acquitted": "court", "dismissed": "court",
    "paid": "paid", "withdrawn": "withdrawn", "improved": "improved", "no-action": "no-action",
}  # fmt: skip


def outcome_of(case: CaseFile, matters: Sequence[Matter]) -> CaseOutcome | None:
    """Return how a case ends: the furthest outcome of its matters once every one has ended; None while one has not.

    A case without a parent ends by a decision for no action alone.
    """
    if not matters:
        return "no-action" if case.decisions and case.decisions[-1].decision == "no-action" else None
    outcomes = [each.outcome for each in matters if each.outcome]
    return _OF_CASE[min(outcomes, key=_FURTHEST.index)] if len(outcomes) == len(matters) else None


def ended_refusals(case: CaseFile, parent_id: UUID) -> Iterable[Refusal]:
    """Yield a refusal where the parent's matter has ended: nothing is decided in it or issued to them any more."""
    if matter_of(case, parent_id).stage == "ended":
        yield Refusal("matter-ended", "The matter of this parent has ended.", parent_id)
