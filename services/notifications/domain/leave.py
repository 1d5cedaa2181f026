"""What a letter about leave of absence prints: the decision and, where it is refused, what may follow (SI 2024/208 reg. 11)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.notifications.domain.words import in_words, pounds
from shared.law import Law

GRANTED_FOR = {
    "C": "for exceptional circumstances",
    "C1": "for a regulated performance or regulated employment abroad",
    "C2": "under a temporary part-time timetable",
}
"""On what ground leave is granted, by the code that the register then holds."""


def risk_of_absence(law: Law, starts_on: date) -> dict[str, Any]:
    """Return what penalty notices for absence on a day would cost, and how that grows.

    SI 2007/1867, as amended by SI 2024/210: amounts per parent and per child; after the last notice of the period, the court.
    """
    names = ("first_early_amount", "first_full_amount", "second_amount", "lower_rate_days", "payment_days", "cap_notices", "cap_years")
    found = {name: law.at(name, starts_on).value for name in names}
    first = (
        f"{pounds(found['first_early_amount'])} if it is paid within {found['lower_rate_days']} days, "
        f"{pounds(found['first_full_amount'])} if it is paid after that and within {found['payment_days']} days"
    )
    years = f"{found['cap_years']} years"
    return {
        "amounts": [
            (f"A first notice in {years}", first),
            (
                f"A second notice in {years}",
                f"{pounds(found['second_amount'])}, to be paid within {found['payment_days']} days; no lower amount",
            ),
            (f"After {found['cap_notices']} notices in {years}", "No further penalty notice: the authority considers prosecution"),
        ]
    }


def leave_decision(leave: Mapping[str, Any], pupil: str, school: str) -> dict[str, Any]:
    """Put together a decision on leave; raise KeyError where `registers` did not say all that the letter prints."""
    decision, policy = leave["decision"], leave["policy"]
    granted = decision["outcome"] == "granted"
    first, last = in_words(date.fromisoformat(leave["from"])), in_words(date.fromisoformat(leave["to"]))
    rows = [
        ("Child", pupil),
        ("School", school),
        ("First day asked for", first),
        ("Last day asked for", last),
        ("Decision", f"Granted, {GRANTED_FOR[decision['code']]}" if granted else "Refused"),
        ("Decided on", in_words(date.fromisoformat(decision["decided_on"]))),
        ("Decided by", decision["decided_by"]),
    ]
    return {
        "title": f"Leave of absence {'granted' if granted else 'refused'}: {pupil}",
        "granted": granted,
        "late": decision["late"],
        "days": {"first": first, "last": last},
        "particulars": rows,
        "reason": decision["reason"],
        "amounts": [{"when": when, "amount": amount} for when, amount in leave["risk"]["amounts"]],
        "policy": policy["legal_consequences_wording"] if policy else None,
        "contact": _contact(policy["day_to_day_contact"]) if policy else [],
    }


def _contact(named: str | Mapping[str, Any]) -> list[tuple[str, str]]:
    if isinstance(named, str):
        return [("Contact", named)]
    parts = [("Name", named["name"]), ("Phone", named.get("phone")), ("E-mail", named.get("email"))]
    return [(label, value) for label, value in parts if value]
