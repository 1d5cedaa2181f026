"""Responses of the stand-ins that make every page show all that it can."""

from typing import Any

from tests.console import (
    advice,
    differences,
    engagement,
    families,
    flagged,
    matches,
    mergers,
    referrals,
    reports,
    responses,
    sickness,
    steps,
    support,
)
from tests.console.holds import a_hold
from tests.console.upstreams import SERVICES, Upstreams

PATHS = (
    "/",
    "/cases",
    "/undecided",
    "/reports/fairness",
    "/reports/fairness?kind=notice-to-improve",
    f"/reports/fairness/{responses.URN}",
    "/penalty-notices",
    "/notices-to-improve",
    f"/cases/{responses.CASE}",
    *(
        f"/cases/{responses.CASE}/{slug}"
        for slug in (
            "decision",
            "liability",
            "liability-withdrawal",
            "notice-to-improve",
            "outcome",
            "agreement",
            "penalty-notice",
            "clearance",
        )
    ),
    f"/cases/{responses.CASE}/support",
    f"/cases/{responses.CASE}/lead",
    f"/cases/{responses.CASE}/referral",
    "/policy?la_code=881",
    f"/cases/{responses.CASE}/family",
    f"/cases/{responses.CASE}/support/{support.ENTRY}",
    f"/cases/{responses.CASE}/support/{support.REFERRAL}",
    "/pupils",
    "/differences",
    f"/differences/{differences.DIFFERENCE}",
    "/mergers",
    f"/mergers/{mergers.PROPOSAL}",
    "/matches",
    "/letters",
    "/letters/misdated",
    f"/letters/{responses.LETTER}",
    f"/matches/{matches.MATCH}",
    f"/matches/{responses.PUPIL}",
    "/schools",
    "/schools?district=Nowhere",
    f"/schools/{responses.URN}",
    f"/schools/{responses.URN}/unresolved",
    f"/schools/{responses.URN}/leave",
    f"/schools/{responses.URN}/leave/new",
    f"/schools/{responses.URN}/flagged",
    f"/schools/{responses.URN}/sickness",
    f"/schools/{responses.URN}/leave?status=all",
    "/unresolved?district=Braintree",
    "/leave?district=Braintree&status=all",
    f"/parents/{responses.MOTHER}",
    f"/family-leave/{families.FAMILY}",
    f"/family-leave/{families.FAMILY}/decision",
    f"/leave/{responses.LEAVE}",
    f"/leave/{responses.LEAVE}/decision",
    f"/leave/{responses.LEAVE}/withdrawal",
    f"/leave/{responses.SIBLING}",
    f"/leave/{responses.SIBLING}/decision",
    "/imports",
    "/imports/new",
    f"/imports/{responses.IMPORT}",
    f"/imports/{responses.FILE}",
    "/files",
    f"/files/{responses.FILE}",
    "/operations",
    "/nowhere",
    "/sign-in",
)


def upstreams() -> Upstreams:
    """Give stand-ins with one of everything."""
    made = Upstreams()
    made.start()
    made.respond_list(
        "penalties",
        "/v1/cases",
        responses.a_case_in_a_list(),
        responses.a_case_in_a_list(id=responses.PUPIL, holiday=True, threshold="withdrawn"),
        more="x",
        previous="",
        first=51,
        total=384,
    )
    reports.respond(made)
    made.respond_list("penalties", "/v1/notices-to-improve", responses.an_improvement_notice())
    made.respond_list("penalties", "/v1/penalty-notices", responses.a_penalty_notice())
    made.respond("penalties", f"/v1/cases/{responses.CASE}", a_full_case())
    made.respond_list("penalties", f"/v1/cases/{responses.CASE}/support-entries", *support.a_log())
    made.respond("penalties", f"/v1/cases/{responses.CASE}/support-completeness", support.completeness())
    made.respond_list("penalties", f"/v1/cases/{responses.CASE}/lead-professionals", support.a_lead())
    made.respond("penalties", f"/v1/cases/{responses.CASE}/referral-form", referrals.a_form())
    made.respond("penalties", f"/v1/cases/{responses.CASE}/referrals", {"items": [referrals.a_sent_referral()]})
    made.respond("penalties", f"/v1/cases/{responses.CASE}/recommendation", advice.advice_about())
    made.respond("penalties", "/v1/policy", advice.POLICY)
    made.respond("penalties", f"/v1/support-entries/{support.ENTRY}", support.an_entry())
    made.respond("penalties", f"/v1/support-entries/{support.REFERRAL}", support.a_referral())
    made.respond("penalties", f"/v1/notices-to-improve/{responses.IMPROVEMENT_NOTICE}", responses.an_improvement_notice(held=True))
    made.respond("penalties", f"/v1/penalty-notices/{responses.PENALTY_NOTICE}", responses.a_penalty_notice())
    made.respond_list("registers", "/v1/pupil-differences", differences.a_difference(), more="x")
    made.respond("registers", f"/v1/pupil-differences/{differences.DIFFERENCE}", differences.a_difference())
    made.respond("registers", f"/v1/schools/{responses.URN}/claims", {"items": [differences.a_claim()]})
    made.respond_list("registers", "/v1/parent-matches", matches.a_match(), matches.decided(), more="x")
    made.respond("registers", f"/v1/parent-matches/{matches.MATCH}", matches.a_match())
    made.respond("registers", f"/v1/parent-matches/{responses.PUPIL}", matches.decided())
    made.respond_list("registers", "/v1/merger-proposals", mergers.a_proposal(), mergers.refused(), more="x")
    made.respond("registers", f"/v1/merger-proposals/{mergers.PROPOSAL}", mergers.a_proposal())
    made.respond_list("prosecutions", "/v1/files", responses.a_file_in_a_list())
    made.respond("prosecutions", f"/v1/files/{responses.FILE}", responses.a_file(held=True))
    made.respond("thresholds", f"/v1/pupils/{responses.UPN}/threshold", responses.a_threshold())
    failed = responses.a_letter(status="failed", posted_on=None, trouble="O. Perator gave it up: moved.")
    made.respond_list("notifications", "/v1/letters", responses.a_letter(), failed, more="x")
    made.respond("notifications", f"/v1/letters/{responses.LETTER}", failed)
    made.respond("registers", f"/v1/people/{responses.PUPIL}", responses.people())
    made.respond("registers", f"/v1/people/{responses.PUPIL}/family", families.a_family())
    made.respond("registers", f"/v1/parents/{responses.MOTHER}/children", families.a_family())
    made.respond("registers", f"/v1/family-leave-requests/{families.FAMILY}", families.family_leave())
    made.respond("penalties", f"/v1/cases/{responses.CASE}/family-assessments", families.an_assessment("second", "first"), method="POST")
    made.respond("registers", f"/v1/pupils/{responses.UPN}/engagement", engagement.an_engagement())
    made.respond("registers", "/v1/people", {"items": [responses.people()["pupil"]]})
    _registers(made)
    for service in SERVICES:
        made.respond_list(service, "/v1/dead-letters")
    made.respond_list("penalties", "/v1/dead-letters", responses.a_dead_letter(), responses.a_dead_letter(id=8, error=None, attempts=0))
    return made


def _registers(made: Upstreams) -> None:
    """Give registers a school with marks, leave and imports in every state."""
    late = responses.an_unresolved_mark(session="PM", days_left=-3, overdue=True)
    undated = responses.an_unresolved_mark(date="2027-01-06", days_left=None, due_on=None)
    asked = responses.a_leave_request(siblings=[responses.a_sibling()])
    done = responses.a_leave_request(
        id=responses.SIBLING, status="withdrawn", decision=responses.a_leave_decision(), withdrawal=responses.a_withdrawal()
    )
    running = responses.an_import(id=responses.FILE, state="running", position=300, ended_at=None)
    made.respond_list(
        "registers",
        "/v1/schools",
        responses.a_school(),
        responses.a_school(urn=100402, name="High Road Primary", district=None),
        more="100402",
    )
    made.respond("registers", f"/v1/schools/{responses.URN}", responses.a_school())
    made.respond("registers", f"/v1/schools/{responses.URN}/flagged", {"items": [flagged.a_flagged_register()]})
    made.respond("registers", f"/v1/schools/{responses.URN}/sickness-questions", {"items": [sickness.a_question()]})
    made.respond_list("registers", f"/v1/schools/{responses.URN}/unresolved", responses.an_unresolved_mark(), late, undated, more="x")
    made.respond_list("registers", "/v1/unresolved", responses.an_unresolved_mark(), late, undated, more="x")
    made.respond_list("registers", "/v1/leave-requests", asked, done)
    made.respond("registers", f"/v1/leave-requests/{responses.LEAVE}", asked)
    made.respond("registers", f"/v1/leave-requests/{responses.SIBLING}", done)
    made.respond_list(
        "registers",
        "/v1/imports",
        responses.an_import(),
        running,
        responses.an_import(id=responses.CASE, state="failed", name=None, trouble="It breaks off."),
    )
    made.respond("registers", f"/v1/imports/{responses.IMPORT}", responses.an_import())
    made.respond("registers", f"/v1/imports/{responses.FILE}", running)
    made.respond_list(
        "registers",
        f"/v1/imports/{responses.IMPORT}/report",
        responses.a_refused_line(),
        responses.a_refused_line(line=9, kept_apart=True),
        more="9",
    )
    made.respond_list("registers", f"/v1/imports/{responses.FILE}/report")


def a_full_case() -> dict[str, Any]:
    """Give a case with notices, decisions, a hold and every step allowed but one."""
    decision = steps.a_decision(no_improvement_notice_reason="One was served in the spring.")
    agreement = steps.an_agreement()
    notices = [
        steps.a_notice_of_a_case(responses.IMPROVEMENT_NOTICE, "notice-to-improve", responses.MOTHER, "ended", "2026-09-21", held=True),
        steps.a_notice_of_a_case(responses.PENALTY_NOTICE, "penalty-notice", responses.FATHER, "overdue", "2026-11-16"),
    ]
    hold = a_hold()
    allowed = ("decide", "issue-notice-to-improve", "record-outcome", "issue-penalty-notice", "clear")
    actions = [*(responses.an_action(step) for step in allowed), responses.an_action("agree", False, "This needs another role.")]
    return responses.a_case(decisions=[decision], agreements=[agreement], notices=notices, held=True, holds=[hold], actions=actions)
