"""What a letter prints: every particular, in words, as one immutable snapshot.

A Notice to Improve has the eight contents of the statutory guidance; a penalty notice has the particulars that SI 2007/1867 reg. 3
asks for. No UPN, no birth date, and never an address that is not the reader's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from services.notifications.domain.authorities import Authority
from services.notifications.domain.leave import leave_decision
from services.notifications.domain.letters import Kind
from services.notifications.domain.words import in_words, pounds

ADDRESS_LINES = 7
"""A printed address has at most seven lines, the name among them (GOV.UK Notify)."""

ABSENCES = {
    "G": "On a holiday that the school had not granted",
    "N": "Absent; no reason given so far",
    "O": "Absent without permission",
    "U": "Arrived after the register had closed",
}
"""What the register says, in words for a parent."""

TEMPLATES = {"excluded-pupil-notice": "penalty-notice.typ"}
"""Kinds whose template bears another name than theirs."""

GROUNDS = {
    "outside-code": "it ought not to have been issued",
    "wrong-person": "it ought not to have been issued to you",
    "material-error": "it contained a material error",
    "no-proceedings": "it was not paid and the authority will not bring proceedings for the offence",
}
"""Why a notice is withdrawn (SI 2007/1867, and the four reasons of the DfE return)."""


@dataclass(frozen=True, slots=True)
class Person:
    """The reader: a parent, as the school's own record has them."""

    forename: str
    surname: str
    address: tuple[str, ...]
    lives_with_pupil: bool | None

    @property
    def name(self) -> str:
        """Forename and surname."""
        return f"{self.forename} {self.surname}"


@dataclass(frozen=True, slots=True)
class Pupil:
    """The child."""

    forename: str
    surname: str

    @property
    def name(self) -> str:
        """Forename and surname."""
        return f"{self.forename} {self.surname}"


@dataclass(frozen=True, slots=True)
class School:
    """The school of the case."""

    name: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that can be printed: which template, and all that it shows."""

    template: str
    snapshot: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a letter cannot be made, so that a person must look."""

    reason: Literal["no-address", "no-such-person", "cannot-be-made"]
    detail: str


def compose(
    kind: Kind,
    letter_id: str,
    made_on: date,
    notice: Mapping[str, Any],
    facts: Mapping[str, Any],
    person: Person | None,
    pupil: Pupil,
    school: School,
    sender: Authority,
    pay_url: str,
) -> Letter | Obstacle:
    """Put together what a letter prints, or say what stands in the way.

    `notice`: the notice as `penalties` gives it, or the leave as `registers` does, with `policy` and `risk`; `facts`: what the event said (a withdrawal's ground, a payment).
    """
    if person is None:
        return Obstacle("no-such-person", "the person is no longer known as a parent of this pupil")
    if len(person.address) < 2:
        return Obstacle("no-address", "no postal address is known for this person")
    if kind in ("penalty-notice", "excluded-pupil-notice") and not sender.address:
        return Obstacle("cannot-be-made", f"authority {sender.code} has no address in authorities.toml, and a penalty notice must print it")
    shared = {
        "letter_id": letter_id,
        "made_on": in_words(made_on),
        "reference": notice.get("reference"),
        "authority": {"name": sender.name, "lines": [sender.name, *sender.address]},
        "recipient": {"name": person.name, "lines": address_lines(person.name, person.address)},
        "pupil": {"name": pupil.name, "forename": pupil.forename},
        "school": {"name": school.name},
    }
    match kind:
        case "notice-to-improve":
            own = _notice_to_improve(notice, school, sender)
        case "withdrawal":
            own = _withdrawal(notice, facts, pupil, school)
        case "receipt":
            own = _receipt(notice, facts, pupil, school)
        case "leave-decision":
            own = leave_decision(notice, pupil.name, school.name)
        case _:
            own = _penalty_notice(kind, notice, person, pupil, school, sender, pay_url)
    return Letter(TEMPLATES.get(kind, f"{kind}.typ"), {**shared, **own})


def address_lines(name: str, address: Sequence[str]) -> list[str]:
    """Return name and address in at most seven lines, the last a line of its own: the ones before it share lines if need be."""
    lines = [name, *(line.strip() for line in address if line.strip())]
    while len(lines) > ADDRESS_LINES:
        lines[-3:-1] = [f"{lines[-3]}, {lines[-2]}"]
    return lines


def _day(notice: Mapping[str, Any], field: str) -> date:
    return date.fromisoformat(notice[field])


def _sessions(notice: Mapping[str, Any]) -> list[dict[str, str]]:
    ordered = sorted(notice["sessions"], key=lambda each: (each["date"], each["session"]))
    return [
        {
            "date": in_words(date.fromisoformat(each["date"])),
            "session": "Morning" if each["session"] == "AM" else "Afternoon",
            "meaning": f"{each['code']}: {ABSENCES.get(each['code'], 'Not in attendance')}",
        }
        for each in ordered
    ]


def _issuer(notice: Mapping[str, Any], sender: Authority, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [
        ("Name", notice["issued_by"]),
        ("Role", ROLES.get(notice["issued_by_role"], notice["issued_by_role"])),
        *more,
        ("Authority", sender.name),
        ("Date of issue", in_words(_day(notice, "issued_on"))),
    ]


ROLES = {
    "aco": "Attendance Compliance Officer",
    "accredited": "Officer authorised to issue penalty notices",
    "business-support": "Business Support Officer",
    "manager": "Attendance Manager",
    "school": "On behalf of the school",
}
"""The official title that each role signs with."""


def _notice_to_improve(notice: Mapping[str, Any], school: School, sender: Authority) -> dict[str, Any]:
    """WTISA, Notices to Improve: record, duty, support given and offered, warning, time, improvement, early grounds."""
    days = sorted(each["date"] for each in notice["sessions"])
    contact = notice["contact"]
    named = [("Name", contact["name"]), ("Phone", contact.get("phone")), ("E-mail", contact.get("email"))]
    return {
        "period": {"first": in_words(date.fromisoformat(days[0])), "last": in_words(date.fromisoformat(days[-1]))},
        "sessions": _sessions(notice),
        "support_offered": notice["support_offered"],
        "support_available": notice["support_available"],
        "contact": [(label, value) for label, value in named if value],
        "expected_improvement": notice["expected_improvement"],
        "early_grounds": notice.get("early_grounds") or None,
        "starts_on": in_words(_day(notice, "planned_starts_on")),
        "ends_on": in_words(_day(notice, "planned_ends_on")),
        "issuer": _issuer(notice, sender, ("School", school.name)),
    }


def _penalty_notice(
    kind: Kind, notice: Mapping[str, Any], person: Person, pupil: Pupil, school: School, sender: Authority, pay_url: str
) -> dict[str, Any]:
    """SI 2007/1867 reg. 3: the particulars of the offence, the amounts and how they vary, how to pay, and what follows."""
    early, final = in_words(_day(notice, "planned_early_deadline")), in_words(_day(notice, "planned_final_deadline"))
    early_pence, full_pence = notice["early_pence"], notice["full_pence"]
    amounts = [{"when": f"by the end of {final}", "amount": pounds(full_pence)}]
    if early_pence < full_pence:
        amounts = [
            {"when": f"by the end of {early}", "amount": pounds(early_pence)},
            {"when": f"after that, by the end of {final}", "amount": pounds(full_pence)},
        ]
    excluded = kind == "excluded-pupil-notice"
    section = "section 103 of the Education and Inspections Act 2006" if excluded else "section 444 of the Education Act 1996"
    # The child's own address would be the other parent's where the reader lives elsewhere.
    child_lives = (
        ", ".join(person.address)
        if person.lives_with_pupil
        else "Held by the authority; not printed, because you are not recorded as living there"
    )
    return {
        "power": "section 105 of the Education and Inspections Act 2006" if excluded else "section 444A of the Education Act 1996",
        "amounts": amounts,
        "dates_rest_on": (
            f"These dates suppose that this notice reached you on {in_words(_day(notice, 'planned_received_on'))}, and the day on which"
            " you receive it is the first day. If it reached you later, you have as many days longer: tell us."
            + (
                " There is no lower amount for early payment: this is the second notice to you about this child within three years."
                if notice["tier"] == "second"
                else ""
            )
        ),
        "payee": ", ".join([sender.name, *sender.address]),
        "how_to_pay": [
            ("Online", pay_url),
            ("Reference", notice["reference"]),
            ("Amount", "The page shows what is due on the day you pay"),
        ],
        "offence": {"words": _offence(excluded, pupil, school)},
        "particulars": [
            ("Period of the offence", _period(notice)),
            ("You", f"{person.name}, {', '.join(person.address)}"),
            ("The child", pupil.name),
            ("The child's address", child_lives),
            ("School", school.name),
        ],
        "sessions": _sessions(notice),
        "consequence": (
            f"If the penalty has not been paid in full by the end of {final}, the authority may prosecute you for the offence itself under"
            f" {section}. A court can impose a fine and order you to pay costs. A payment that is made after that day does not stop a"
            " prosecution unless the authority tells you so in writing."
        ),
        "issuer": _issuer(notice, sender),
    }


def _offence(excluded: bool, pupil: Pupil, school: School) -> str:
    if excluded:
        return (
            f"The authority has reason to believe that you committed this offence: {pupil.name} was excluded from {school.name} on disciplinary grounds and was in a public place during school hours on a day"
            " on which you had to make sure that this did not happen, without reasonable justification (Education and Inspections Act"
            " 2006, section 103)."
        )
    return (
        f"The authority has reason to believe that you committed this offence: {pupil.name}, a child of compulsory school age and a"
        f" registered pupil of {school.name}, failed to attend there regularly, and you are a parent (Education Act 1996, section 444(1))."
    )


def _period(notice: Mapping[str, Any]) -> str:
    return f"{in_words(date.fromisoformat(notice['offence']['from']))} to {in_words(date.fromisoformat(notice['offence']['to']))}"


def _about(notice: Mapping[str, Any], pupil: Pupil, school: School) -> list[tuple[str, str]]:
    named = [("Reference", notice["reference"])] if notice.get("reference") else []
    return [*named, ("Child", pupil.name), ("School", school.name), ("Issued on", in_words(_day(notice, "issued_on")))]


def _withdrawal(notice: Mapping[str, Any], facts: Mapping[str, Any], pupil: Pupil, school: School) -> dict[str, Any]:
    """SI 2007/1867: written notice of the withdrawal; what was paid is refunded; no proceedings on it."""
    penalty = facts["kind"] != "notice-to-improve"
    correction = " A new notice without the error may be sent to you." if facts["ground"] == "material-error" else ""
    return {
        "title": f"Withdrawn: penalty notice {notice['reference']}" if penalty else f"Withdrawn: Notice to Improve about {pupil.name}",
        "withdrawn_on": in_words(date.fromisoformat(facts["withdrawn_on"])),
        "ground": GROUNDS[facts["ground"]],
        "particulars": _about(notice, pupil, school),
        "effect": (
            "You no longer have to pay. Anything you have paid for this notice is given back in full, no proceedings will be brought for"
            f" the offence described in it, and it does not count as an earlier notice.{correction}"
            if penalty
            else "It has no effect any more."
        ),
    }


def _receipt(notice: Mapping[str, Any], facts: Mapping[str, Any], pupil: Pupil, school: School) -> dict[str, Any]:
    """Education Act 1996 s.444A: payment in time discharges liability for the offence."""
    return {
        "particulars": [
            *_about(notice, pupil, school),
            ("Paid in all", pounds(facts["paid_pence"])),
            ("Paid in full on", in_words(date.fromisoformat(facts["counted_on"]))),
        ]
    }
