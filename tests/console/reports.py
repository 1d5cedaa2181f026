"""Responses of the reports over many cases."""

from typing import Any

from tests.console.responses import CASE, PUPIL, UPN, URN
from tests.console.upstreams import Upstreams


def an_undecided_case(**changes: Any) -> dict[str, Any]:
    """An open case on which nobody has decided in time."""
    return {
        "id": CASE,
        "pupil_id": PUPIL,
        "upn": UPN,
        "urn": URN,
        "la_code": "881",
        "opened_on": "2026-09-18",
        "holiday": False,
        "threshold": "met",
        "count": 10,
        "earliest_time_bar": "2027-03-14",
        "due_on": "2026-10-02",
        "school_days": 30,
        "by_calendar": True,
    } | changes


def a_first_decision(**changes: Any) -> dict[str, Any]:
    """A case that was decided on too late."""
    finding = {
        "provision": "first_decision_days",
        "reference": "Policy",
        "href": "https://www.gov.uk/",
        "version": "2024-08-19",
        "value": 10,
        "outcome": "the first decision is late",
        "facts": {},
    }
    return {
        "opened_on": "2026-09-18",
        "due_on": "2026-10-02",
        "decided_on": "2026-10-05",
        "school_days": 11,
        "late": True,
        "by_calendar": True,
        "finding": finding,
    } | changes


def figures(**changes: Any) -> dict[str, Any]:
    """What became of a school's cases."""
    return {
        "cases": 14,
        "thresholds_met": 13,
        "decided": 12,
        "undecided": 2,
        "late": 3,
        "decisions": 15,
        "kinds": {"penalty-notice": 12, "support": 1},
        "days_median": 4.5,
        "days_longest": 17,
        "improvement_notice": 0,
        "without_improvement_notice": 12,
        "agreed": 9,
        "declined": 2,
        "resubmitted": 1,
    } | changes


def a_mark(**changes: Any) -> dict[str, Any]:
    """Nearly all cases have one kind of decision."""
    facts = {"kind": "penalty-notice", "cases": 12, "decided": 12}
    finding = a_first_decision()["finding"] | {
        "provision": "blanket_high_percent",
        "value": 90,
        "outcome": "nearly all of one kind",
        "facts": facts,
    }
    return {"kind": "penalty-notice", "extent": "nearly-all", "cases": 12, "decided": 12, "percent": 100, "finding": finding} | changes


def a_marked_school(**changes: Any) -> dict[str, Any]:
    """A school that asks for a penalty notice in every case."""
    return {"urn": URN, "figures": figures(), "judged": True, "marks": [a_mark()], "most_reused": 11} | changes


def a_report(*schools: dict[str, Any]) -> dict[str, Any]:
    """A report of a school with a mark, one without, and one that is not judged."""
    small = figures(cases=2, thresholds_met=2, decided=1, undecided=1, late=0, kinds={"support": 1}, days_median=2, days_longest=2)
    fair = figures(kinds={"penalty-notice": 5, "notice-to-improve": 9, "support": 3}, improvement_notice=9, without_improvement_notice=1)
    found = schools or (
        a_marked_school(),
        a_marked_school(urn=URN + 1, marks=[], most_reused=0, figures=fair),
        a_marked_school(urn=URN + 2, marks=[], judged=False, most_reused=0, figures=small),
    )
    thresholds = {
        "minimum_cases": 10,
        "high_percent": 90,
        "high_kinds": ["penalty-notice", "prosecution", "no-action"],
        "low_percent": 5,
        "low_kinds": ["notice-to-improve", "penalty-notice"],
        "first_decision_days": 10,
    }
    return {"period": {"from": "2026-09-01", "to": "2027-08-31"}, "la_code": None, "thresholds": thresholds, "schools": list(found)}


def months() -> dict[str, Any]:
    """The months of a school."""
    later = figures(cases=3, thresholds_met=3, decided=2, undecided=1, late=0, kinds={"penalty-notice": 2}, days_median=2, days_longest=3)
    return {"items": [{"urn": URN, "month": "2026-09-01", "figures": figures()}, {"urn": URN, "month": "2026-10-01", "figures": later}]}


STANDARD = "Unauthorised absence is never acceptable."


def reasons(**changes: Any) -> dict[str, Any]:
    """The reasons of a school, as an officer reads them."""
    return {
        "reused": [11, 2],
        "reused_texts": [{"reason": STANDARD, "cases": 11}, {"reason": "As agreed.", "cases": 2}],
        "without_improvement_notice": [{"reason": "A holiday.", "cases": 9}],
    } | changes


def reused_reasons(cases: int = 11) -> dict[str, Any]:
    """How often the reason of a request was given."""
    return {"since": "2025-11-18", "items": [{"decision_id": CASE, "reason": STANDARD, "cases": cases}]}


def respond(made: Upstreams) -> None:
    """Give penalties every report."""
    made.respond_list("penalties", "/v1/undecided-cases", an_undecided_case(), an_undecided_case(by_calendar=False), more="x")
    made.respond("penalties", f"/v1/cases/{CASE}/first-decision", a_first_decision())
    made.respond("penalties", f"/v1/cases/{CASE}/reused-reasons", reused_reasons())
    made.respond("penalties", "/v1/reports/fairness", a_report())
    made.respond("penalties", "/v1/reports/fairness/months", months())
    made.respond("penalties", "/v1/reports/fairness/reasons", reasons())
