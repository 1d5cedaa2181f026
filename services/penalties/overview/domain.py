"""What a person may do in a case now, or why not."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.penalties.case_file.domain.facts import CaseFile
from services.penalties.case_file.domain.notices import ImprovementNotice
from services.penalties.case_file.domain.refusals import Refusal, Refusals
from services.penalties.case_file.domain.roles import AGREE, CLEAR, DECIDE, ISSUE
from services.penalties.decisions.domain import agreement_refusals, decided_about, decision_refusals
from services.penalties.improvement.domain import improvement_notice_refusals, outcome_refusals
from services.penalties.notices.domain.penalty_notices import penalty_notice_refusals


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
        "close-without-action": (DECIDE, decision_refusals(case, "no-action", decided_about(case, "no-action"), None)),
        "issue-notice-to-improve": (DECIDE, _for_some_parent(case, lambda ids: improvement_notice_refusals(case, ids))),
        "record-outcome": (DECIDE, _outcome_refusals(case.improvement_notices, today)),
        "agree": (AGREE, agreement_refusals(case, agreed=False, recommendation="neither")),
        "issue-penalty-notice": (ISSUE, _for_some_parent(case, lambda ids: penalty_notice_refusals(case, ids, None, None))),
        "record-liability": (DECIDE, _liability_refusals(case)),
        "clear": (CLEAR, () if case.held else (Refusal("nothing-held", "Nothing awaits a clearance."),)),
    }
    return tuple(_action(name, needed, refusals, roles, case.holiday) for name, (needed, refusals) in steps.items())


def matter_actions(case: CaseFile, parent_id: UUID, roles: frozenset[str], today: date) -> tuple[Action, ...]:
    """Return every step in one parent's matter for someone with these roles."""
    mine = [each for each in case.improvement_notices if each.parent_id == parent_id]
    steps: Mapping[str, tuple[tuple[str, ...], Refusals]] = {
        "decide": (DECIDE, decision_refusals(case, "support", (parent_id,), None)),
        "close-without-action": (DECIDE, decision_refusals(case, "no-action", (parent_id,), None)),
        "issue-notice-to-improve": (DECIDE, improvement_notice_refusals(case, (parent_id,))),
        "record-outcome": (DECIDE, _outcome_refusals(mine, today)),
        "agree": (AGREE, _answer_refusals(case, parent_id)),
        "issue-penalty-notice": (ISSUE, penalty_notice_refusals(case, (parent_id,), None, None)),
    }
    return tuple(_action(name, needed, refusals, roles, case.holiday) for name, (needed, refusals) in steps.items())


def _answer_refusals(case: CaseFile, parent_id: UUID) -> Refusals:
    return agreement_refusals(case, agreed=False, recommendation="neither", named=(parent_id,))


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


def _outcome_refusals(notices: Iterable[ImprovementNotice], today: date) -> Refusals:
    running = [notice for notice in notices if notice.running]
    if not running:
        return (Refusal("not-running", "No Notice to Improve is running."),)
    each = [outcome_refusals(notice, "failed", today) for notice in running]
    return () if any(not missing for missing in each) else each[0]
