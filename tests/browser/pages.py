"""Responses of the stand-ins that make every page show all that it can."""

from typing import Any

from tests.console import responses as a
from tests.console.holds import a_hold
from tests.console.upstreams import SERVICES, Upstreams

PATHS = (
    "/",
    "/cases",
    f"/cases/{a.CASE}",
    *(f"/cases/{a.CASE}/{slug}" for slug in ("decision", "notice-to-improve", "outcome", "agreement", "penalty-notice", "clearance")),
    "/pupils",
    "/schools",
    "/schools?district=Nowhere",
    f"/schools/{a.URN}",
    f"/schools/{a.URN}/unresolved",
    f"/schools/{a.URN}/leave",
    f"/schools/{a.URN}/leave?status=all",
    "/unresolved?district=Braintree",
    "/leave?district=Braintree&status=all",
    f"/leave/{a.LEAVE}",
    f"/leave/{a.LEAVE}/decision",
    f"/leave/{a.LEAVE}/withdrawal",
    f"/leave/{a.SIBLING}",
    f"/leave/{a.SIBLING}/decision",
    "/imports",
    "/imports/new",
    f"/imports/{a.IMPORT}",
    f"/imports/{a.FILE}",
    "/files",
    f"/files/{a.FILE}",
    "/operations",
    "/nowhere",
    "/sign-in",
)


def upstreams() -> Upstreams:
    """Give stand-ins with one of everything."""
    made = Upstreams()
    made.start()
    made.respond_list(
        "penalties", "/v1/cases", a.a_case_in_a_list(), a.a_case_in_a_list(id=a.PUPIL, holiday=True, threshold="withdrawn"), more="x"
    )
    made.respond_list("penalties", "/v1/notices-to-improve", a.an_improvement_notice())
    made.respond_list("penalties", "/v1/penalty-notices", a.a_penalty_notice())
    made.respond("penalties", f"/v1/cases/{a.CASE}", a_full_case())
    made.respond("penalties", f"/v1/notices-to-improve/{a.IMPROVEMENT_NOTICE}", a.an_improvement_notice(held=True))
    made.respond("penalties", f"/v1/penalty-notices/{a.PENALTY_NOTICE}", a.a_penalty_notice())
    made.respond_list("prosecutions", "/v1/files", a.a_file_in_a_list())
    made.respond("prosecutions", f"/v1/files/{a.FILE}", a.a_file(held=True))
    made.respond("thresholds", f"/v1/pupils/{a.UPN}/threshold", a.a_threshold())
    made.respond_list("notifications", "/v1/letters", a.a_letter())
    made.respond("registers", f"/v1/people/{a.PUPIL}", a.people())
    _registers(made)
    for service in SERVICES:
        made.respond_list(service, "/v1/dead-letters")
    made.respond_list("penalties", "/v1/dead-letters", a.a_dead_letter(), a.a_dead_letter(id=8, error=None, attempts=0))
    return made


def _registers(made: Upstreams) -> None:
    """Give registers a school with marks, leave and imports in every state."""
    late = a.an_unresolved_mark(session="PM", days_left=-3, overdue=True)
    undated = a.an_unresolved_mark(date="2027-01-06", days_left=None, due_on=None)
    asked = a.a_leave_request(siblings=[a.a_sibling()])
    done = a.a_leave_request(id=a.SIBLING, status="withdrawn", decision=a.a_leave_decision(), withdrawal=a.a_withdrawal())
    running = a.an_import(id=a.FILE, state="running", position=300, ended_at=None)
    made.respond_list(
        "registers", "/v1/schools", a.a_school(), a.a_school(urn=100402, name="High Road Primary", district=None), more="100402"
    )
    made.respond("registers", f"/v1/schools/{a.URN}", a.a_school())
    made.respond_list("registers", f"/v1/schools/{a.URN}/unresolved", a.an_unresolved_mark(), late, undated, more="x")
    made.respond_list("registers", "/v1/unresolved", a.an_unresolved_mark(), late, undated, more="x")
    made.respond_list("registers", "/v1/leave-requests", asked, done)
    made.respond("registers", f"/v1/leave-requests/{a.LEAVE}", asked)
    made.respond("registers", f"/v1/leave-requests/{a.SIBLING}", done)
    made.respond_list(
        "registers", "/v1/imports", a.an_import(), running, a.an_import(id=a.CASE, state="failed", name=None, trouble="It breaks off.")
    )
    made.respond("registers", f"/v1/imports/{a.IMPORT}", a.an_import())
    made.respond("registers", f"/v1/imports/{a.FILE}", running)
    made.respond_list(
        "registers", f"/v1/imports/{a.IMPORT}/report", a.a_refused_line(), a.a_refused_line(line=9, kept_apart=True), more="9"
    )
    made.respond_list("registers", f"/v1/imports/{a.FILE}/report")


def a_full_case() -> dict[str, Any]:
    """Give a case with notices, decisions, a hold and every step allowed but one."""
    decision = {
        "decision": "penalty-notice",
        "parent_ids": [a.FATHER],
        "reason": "Support did not work.",
        "no_improvement_notice_reason": "One was served in the spring.",
        "decided_on": "2026-11-16",
        "decided_at": "2026-11-16T10:00:00Z",
        "decided_by": "J. Officer",
        "decided_by_role": "school",
    }
    agreement = {
        "agreed": True,
        "recommendation": "penalty-notice",
        "reason": "Evidence complete.",
        "agreed_on": "2026-11-16",
        "agreed_at": "2026-11-16T11:00:00Z",
        "agreed_by": "Ann Officer",
        "agreed_by_role": "aco",
    }
    notices = [
        {
            "id": a.IMPROVEMENT_NOTICE,
            "kind": "notice-to-improve",
            "parent_id": a.MOTHER,
            "status": "ended",
            "issued_on": "2026-09-21",
            "held": True,
        },
        {
            "id": a.PENALTY_NOTICE,
            "kind": "penalty-notice",
            "parent_id": a.FATHER,
            "status": "overdue",
            "issued_on": "2026-11-16",
            "held": False,
        },
    ]
    hold = a_hold()
    steps = ("decide", "issue-notice-to-improve", "record-outcome", "issue-penalty-notice", "clear")
    actions = [*(a.an_action(step) for step in steps), a.an_action("agree", False, "This needs another role.")]
    return a.a_case(decisions=[decision], agreements=[agreement], notices=notices, held=True, holds=[hold], actions=actions)
