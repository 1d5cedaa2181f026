"""What a person may do in a case now, or why not."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from services.penalties.case_file.domain.facts import CaseFile
from services.penalties.case_file.domain.refusals import Refusal, Refusals
from services.penalties.case_file.domain.roles import AGREE, CLEAR, DECIDE, ISSUE
from services.penalties.decisions.domain import agreement_refusals, agreement_to, decision_refusals, standing_request
from services.penalties.improvement.domain import improvement_notice_refusals, outcome_refusals
from services.penalties.notices.domain.penalty_notices import penalty_notice_refusals

Stage = Literal["to-consider", "support", "notice-to-improve", "requested", "agreed", "penalty-notice", "prosecution", "ended"]


@dataclass(frozen=True, slots=True)
class Action:
    """One step, and what stands in its way (None where it is allowed)."""

    action: str
    allowed: bool
    why_not: str | None


def actions(case: CaseFile, roles: frozenset[str], today: date) -> tuple[Action, ...]:
    """Return every step in a case for someone with these roles. What is possible for one parent is allowed."""
    steps: Mapping[str, tuple[tuple[str, ...], Refusals]] = {
        "decide": (DECIDE, decision_refusals(case, "support", (), None)),
        "close-without-action": (DECIDE, decision_refusals(case, "no-action", (), None)),
        "issue-notice-to-improve": (DECIDE, _for_some_parent(case, lambda ids: improvement_notice_refusals(case, ids))),
        "record-outcome": (DECIDE, _outcome_refusals(case, today)),
        "agree": (AGREE, agreement_refusals(case, agreed=False, recommendation="neither")),
        "issue-penalty-notice": (ISSUE, _for_some_parent(case, lambda ids: penalty_notice_refusals(case, ids, None, None))),
        "record-liability": (DECIDE, _liability_refusals(case)),
        "clear": (CLEAR, () if case.held else (Refusal("nothing-held", "Nothing awaits a clearance."),)),
    }
    return tuple(_action(name, needed, refusals, roles, case.holiday) for name, (needed, refusals) in steps.items())


def stage_of(case: CaseFile, parent_id: UUID) -> Stage:
    """Return how far a case has come with one parent: the furthest step that stands."""
    requests = [each for kind in ("penalty-notice", "prosecution") if (each := standing_request(case, parent_id, kind))]
    agreed = [each for each in requests if agreement_to(case, each, each.decision)]
    steps: Mapping[Stage, bool] = {
        "ended": case.status != "open",
        "prosecution": any(file.is_open and file.parent_id == parent_id for file in case.court_files),
        "penalty-notice": any(notice.unsettled and notice.parent_id == parent_id for notice in case.penalty_notices),
        "agreed": bool(agreed),
        "requested": bool(requests),
        "notice-to-improve": any(notice.running and notice.parent_id == parent_id for notice in case.improvement_notices),
        "support": any(each.decision == "support" and parent_id in each.parent_ids for each in case.decisions),
    }
    return next((stage for stage, stands in steps.items() if stands), "to-consider")


def _action(name: str, needed: tuple[str, ...], refusals: Refusals, roles: frozenset[str], holiday: bool) -> Action:
    fitting = roles.intersection(needed) - (frozenset() if holiday else {"business-support"})
    if not fitting:
        return Action(name, False, "This needs another role.")
    texts = dict.fromkeys(refusal.text for refusal in refusals)
    return Action(name, not refusals, " ".join(texts) or None)


def _for_some_parent(case: CaseFile, refusals: Callable[[Iterable[UUID]], Refusals]) -> Refusals:
    """Return nothing where the step is possible for at least one parent, otherwise what is missing for all of them together."""
    if not case.parents:
        return (Refusal("parents", "No parent of this pupil is known yet."),)
    each = [refusals((parent.id,)) for parent in case.parents]
    return () if any(not missing for missing in each) else tuple(dict.fromkeys(refusal for missing in each for refusal in missing))


def _liability_refusals(case: CaseFile) -> Refusals:
    return () if case.parents else (Refusal("parents", "No parent of this pupil is known yet."),)


def _outcome_refusals(case: CaseFile, today: date) -> Refusals:
    running = [notice for notice in case.improvement_notices if notice.running]
    if not running:
        return (Refusal("not-running", "No Notice to Improve is running."),)
    each = [outcome_refusals(notice, "failed", today) for notice in running]
    return () if any(not missing for missing in each) else each[0]
