"""The steps in a case that a person takes with a form, each sent to penalties once, however often the button is pressed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData

Errors = list[tuple[str, str]]
"""What is wrong with a form: the field and the sentence."""


PARENTS = "Choose at least one parent"
REASON = "Give the reason"


@dataclass(frozen=True, slots=True)
class Step:
    """One form: which action of the case it is, where it is sent, and what it needs."""

    slug: str
    action: str
    title: str
    button: str
    required: Mapping[str, str]
    """Fields that must not be empty, and what to say if they are."""
    read: Callable[[FormData], dict[str, Any]]
    target: Callable[[UUID, FormData], str]
    depends: Callable[[FormData], Mapping[str, str]] = lambda _form: {}
    """What else must not be empty, by what was chosen."""

    def missing(self, form: FormData) -> Errors:
        """Return what was left empty."""
        return [(field, text) for field, text in {**self.required, **self.depends(form)}.items() if not _filled(form, field)]


def _filled(form: FormData, field: str) -> bool:
    return any(str(value).strip() for name, value in form.multi_items() if name == field or name.startswith(f"{field}-"))


def said(form: FormData, field: str) -> str | None:
    """Return what was entered in a field, without white space around it."""
    return str(form.get(field, "")).strip() or None


def given(**values: Any) -> dict[str, Any]:
    """Return a body without what was left empty."""
    return {name: value for name, value in values.items() if value is not None}


def a_date(form: FormData, field: str) -> str | None:
    """Return a day from its three fields in ISO form; what is no date goes as it was typed, for the service to refuse."""
    parts = [said(form, f"{field}-{part}") for part in ("year", "month", "day")]
    if not any(parts):
        return None
    try:
        return date(*(int(part or "") for part in parts)).isoformat()
    except ValueError:
        return "-".join(part or "" for part in parts)


def _decision(form: FormData) -> dict[str, Any]:
    return given(
        decision=said(form, "decision"),
        reason=said(form, "reason"),
        parents=form.getlist("parents") or None,
        no_improvement_notice_reason=said(form, "no_improvement_notice_reason"),
    )


def _whom(form: FormData) -> Mapping[str, str]:
    """Whoever decides on a notice or a prosecution says for which parents: none is taken for granted."""
    return {"parents": PARENTS} if said(form, "decision") not in {"support", "no-action", None} else {}


def _improvement_notice(form: FormData) -> dict[str, Any]:
    return given(
        parents=form.getlist("parents"),
        support_offered=said(form, "support_offered"),
        support_available=said(form, "support_available"),
        contact=given(name=said(form, "contact_name"), phone=said(form, "contact_phone"), email=said(form, "contact_email")),
        expected_improvement=said(form, "expected_improvement"),
        early_grounds=said(form, "early_grounds"),
    )


def _penalty_notice(form: FormData) -> dict[str, Any]:
    return given(
        parents=form.getlist("parents"),
        offence=given(**{"from": a_date(form, "offence_from"), "to": a_date(form, "offence_to")}),
        main_reason=said(form, "main_reason"),
        set_aside_reason=said(form, "set_aside_reason"),
    )


STEPS: Sequence[Step] = (
    Step(
        "decision",
        "decide",
        "Decide what happens next",
        "Record the decision",
        {"decision": "Choose a decision", "reason": REASON},
        _decision,
        lambda case_id, _form: f"/v1/cases/{case_id}/decisions",
        _whom,
    ),
    Step(
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
    ),
    Step(
        "outcome",
        "record-outcome",
        "Record the outcome of a Notice to Improve",
        "Record the outcome",
        {"notice": "Choose the notice", "outcome": "Choose the outcome", "reason": REASON},
        lambda form: given(outcome=said(form, "outcome"), reason=said(form, "reason")),
        lambda _case_id, form: f"/v1/notices-to-improve/{_uuid(form, 'notice')}/outcome",
    ),
    Step(
        "agreement",
        "agree",
        "Answer for the authority",
        "Record the answer",
        {"agreed": "Choose whether the authority agrees", "recommendation": "Choose what the authority recommends", "reason": REASON},
        lambda form: given(agreed=said(form, "agreed") == "yes", recommendation=said(form, "recommendation"), reason=said(form, "reason")),
        lambda case_id, _form: f"/v1/cases/{case_id}/agreement",
    ),
    Step(
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
    ),
    Step(
        "clearance",
        "clear",
        "Clear what a change has stopped",
        "Clear it",
        {"about": "Choose what is cleared", "reason": REASON},
        lambda form: given(about=said(form, "about"), reason=said(form, "reason")),
        lambda case_id, _form: f"/v1/cases/{case_id}/clearances",
    ),
)


def _uuid(form: FormData, field: str) -> UUID:
    try:
        return UUID(said(form, field) or "")
    except ValueError:
        # Nothing has this id: the service answers that there is no such thing.
        return UUID(int=0)
