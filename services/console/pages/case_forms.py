"""The actions that a person can take in a case, each with its form."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from starlette.datastructures import FormData

from services.console.pages.forms import REASON, Body, FormAction, date_field, list_field, text_field, text_fields, without_empty

PARENTS = "Choose at least one parent"


def _decision(form: FormData) -> Body:
    parents = without_empty(parents=list_field(form, "parents") or None)
    return {**text_fields(form, "decision", "reason", "no_improvement_notice_reason"), **parents}


def _parents_required(form: FormData) -> Mapping[str, str]:
    """Return that parents are required, unless the decision is for support or for no action."""
    return {"parents": PARENTS} if text_field(form, "decision") not in {"support", "no-action", None} else {}


def _improvement_notice(form: FormData) -> Body:
    contact = without_empty(**{name: text_field(form, f"contact_{name}") for name in ("name", "phone", "email")})
    texts = text_fields(form, "support_offered", "support_available", "expected_improvement", "early_grounds")
    return {"parents": list_field(form, "parents"), "contact": contact, **texts}


def _penalty_notice(form: FormData) -> Body:
    offence = without_empty(**{"from": date_field(form, "offence_from"), "to": date_field(form, "offence_to")})
    return {"parents": list_field(form, "parents"), "offence": offence, **text_fields(form, "main_reason", "set_aside_reason")}


CASE_ACTIONS: Sequence[FormAction] = (
    FormAction(
        "decision",
        "decide",
        "Decide what happens next",
        "Record the decision",
        {"decision": "Choose a decision", "reason": REASON},
        _decision,
        lambda case_id, _form: f"/v1/cases/{case_id}/decisions",
        _parents_required,
        {"parent_id": "parents", "liability": "parents", "no-improvement-notice-reason": "no_improvement_notice_reason"},
    ),
    FormAction(
        "liability",
        "record-liability",
        "Record who is a parent and who allowed the absence",
        "Record it",
        {"parent_id": "Choose whom it is about", "shown_by": "Say what shows it"},
        lambda form: text_fields(form, "parent_id", "parent_by", "basis", "shown_by"),
        lambda case_id, _form: f"/v1/cases/{case_id}/liability",
        lambda form: (
            {} if text_field(form, "basis") else {"parent_by": "Choose what makes them a parent, or whether they allowed the absence"}
        ),
    ),
    FormAction(
        "liability-withdrawal",
        "record-liability",
        "Take back what was recorded of a parent",
        "Take it back",
        {"parent_id": "Choose whom it is about", "reason": REASON},
        lambda form: text_fields(form, "parent_id", "reason"),
        lambda case_id, _form: f"/v1/cases/{case_id}/liability/withdrawals",
    ),
    FormAction(
        "notice-to-improve",
        "issue-notice-to-improve",
        "Issue a Notice to Improve",
        "Issue the Notice to Improve",
        {
            "parents": PARENTS,
            "support_offered": "Say what support was offered",
            "support_available": "Say what support is available",
            "contact_name": "Name the person to contact",
            "expected_improvement": "Say what improvement is expected",
        },
        _improvement_notice,
        lambda case_id, _form: f"/v1/cases/{case_id}/notices-to-improve",
        fields={"parent_id": "parents", **{f"contact.{name}": f"contact_{name}" for name in ("name", "phone", "email")}},
    ),
    FormAction(
        "outcome",
        "record-outcome",
        "Record the outcome of a Notice to Improve",
        "Record the outcome",
        {"notice": "Choose the notice", "outcome": "Choose the outcome", "reason": REASON},
        lambda form: text_fields(form, "outcome", "reason"),
        lambda _case_id, form: f"/v1/notices-to-improve/{_uuid(form, 'notice')}/outcome",
        fields={"not-served": "notice", "ended": "notice", "still-running": "outcome", "no-early-grounds": "outcome"},
    ),
    FormAction(
        "agreement",
        "agree",
        "Answer for the authority",
        "Record the answer",
        {"agreed": "Choose whether the authority agrees", "recommendation": "Choose what the authority recommends", "reason": REASON},
        lambda form: {"agreed": text_field(form, "agreed") == "yes", **text_fields(form, "recommendation", "reason", "refer_to")},
        lambda case_id, _form: f"/v1/cases/{case_id}/agreement",
        fields={"refer-to": "refer_to", "parents": "agreed", "offence": "recommendation"},
    ),
    FormAction(
        "penalty-notice",
        "issue-penalty-notice",
        "Issue a penalty notice",
        "Issue the penalty notice",
        {
            "parents": PARENTS,
            "offence_from": "Enter the first day of the offence period",
            "offence_to": "Enter the last day of the offence period",
            "main_reason": "Choose the main reason",
        },
        _penalty_notice,
        lambda case_id, _form: f"/v1/cases/{case_id}/penalty-notices",
        fields={
            "offence.from": "offence_from",
            "offence.to": "offence_to",
            "offence": "offence_to",
            "return-mark": "offence_to",
            "reason-not-established": "offence_from",
            "agreed-period": "offence_from",
            "no-sessions": "offence_from",
            "set-aside-reason": "set_aside_reason",
            "parent_id": "parents",
        },
    ),
    FormAction(
        "clearance",
        "clear",
        "Clear what a change has stopped",
        "Clear it",
        {"about": "Choose what is cleared", "reason": REASON},
        lambda form: text_fields(form, "about", "reason"),
        lambda case_id, _form: f"/v1/cases/{case_id}/clearances",
    ),
)


def _uuid(form: FormData, field: str) -> UUID:
    try:
        return UUID(text_field(form, field) or "")
    except ValueError:
        # Nothing has this id: the service responds with 404.
        return UUID(int=0)
