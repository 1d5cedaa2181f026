"""What a letter prints: every particular, in words, as one immutable value.

A Notice to Improve has the eight contents of the statutory guidance; a penalty notice has the particulars that SI 2007/1867 reg. 3
asks for. No UPN, no birth date, and never an address that is not the reader's own.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.notifications.domain.authorities import Authority
from services.notifications.domain.leave import Contents, DecidedLeave, leave_decision
from services.notifications.domain.notices import Correction, NoticeToImprove, Payment, PenaltyNotice, Withdrawal
from services.notifications.domain.people import Parent, Person, School, printed_address
from shared.attendance.dates import long_date_with_weekday
from shared.attendance.money import pounds

ABSENCES = {
    "G": "On a holiday that the school had not granted",
    "N": "Absent; no reason given so far",
    "O": "Absent without permission",
    "U": "Arrived after the register had closed",
}
"""What the register records, in words for a parent."""

GROUNDS = {
    "outside-code": "it ought not to have been issued",
    "wrong-person": "it ought not to have been issued to you",
    "material-error": "it contained a material error",
    "no-proceedings": "it was not paid and the authority will not bring proceedings for the offence",
}
"""Why a notice is withdrawn (SI 2007/1867, and the four reasons of the DfE return)."""

ROLES = {
    "aco": "Attendance Compliance Officer",
    "accredited": "Officer authorised to issue penalty notices",
    "business-support": "Business Support Officer",
    "manager": "Attendance Manager",
    "school": "On behalf of the school",
}
"""The official title that each role signs with."""

NAMES = {
    "notice-to-improve": "Notice to Improve",
    "penalty-notice": "Penalty notice",
    "excluded-pupil-notice": "Penalty notice (excluded pupil)",
    "withdrawal": "Withdrawal of a notice",
    "receipt": "Receipt",
    "leave-decision": "Decision about leave",
}
"""What a letter calls another letter."""

Notice = NoticeToImprove | PenaltyNotice


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that can be printed: which template, and all that it shows."""

    template: str
    contents: Contents


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a letter cannot be made, so that a person must look."""

    reason: Literal["no-address", "no-such-person", "cannot-be-made"]
    detail: str


def compose(
    subject: Notice | DecidedLeave,
    occasion: Withdrawal | Payment | Correction | None,
    letter_id: str,
    made_on: date,
    sender: Authority,
    reader: Parent | None,
    pupil: Person,
    school: School,
    pay_url: str,
) -> Letter | Obstacle:
    """Return the letter to a parent (`reader`), or the obstacle to it. `occasion`: why it is sent, where it is not the notice itself."""
    if reader is None:
        return Obstacle("no-such-person", "the person is no longer known as a parent of this pupil")
    if len(reader.postal_address) < 2:
        return Obstacle("no-address", "no postal address is known for this person")
    if isinstance(occasion, Correction):
        template, own = "correction.typ", _correction(subject, occasion, pupil, school)
    elif isinstance(subject, DecidedLeave):
        template, own = "leave-decision.typ", leave_decision(subject, pupil, school)
    elif isinstance(occasion, Withdrawal):
        template, own = "withdrawal.typ", _withdrawal(subject, occasion, pupil, school)
    elif isinstance(occasion, Payment):
        template, own = "receipt.typ", _receipt(subject, occasion, pupil, school)
    elif isinstance(subject, NoticeToImprove):
        if not subject.sessions:
            return Obstacle("cannot-be-made", "the notice names no session of absence")
        template, own = "notice-to-improve.typ", _notice_to_improve(subject, school, sender)
    elif not sender.address:
        return Obstacle("cannot-be-made", f"authority {sender.code} has no address in authorities.toml, and a penalty notice must print it")
    else:
        template, own = "penalty-notice.typ", _penalty_notice(subject, reader, pupil, school, sender, pay_url)
    common = {
        "letter_id": letter_id,
        "made_on": long_date_with_weekday(made_on),
        "reference": subject.reference if isinstance(subject, PenaltyNotice) else None,
        "authority": {"name": sender.name, "lines": [sender.name, *sender.address]},
        "recipient": {"name": reader.name, "lines": printed_address(reader.name, reader.postal_address)},
        "pupil": {"name": pupil.name, "forename": pupil.forename},
        "school": {"name": school.name},
    }
    return Letter(template, {**common, **own})


def _sessions(notice: Notice) -> list[Contents]:
    return [
        {
            "date": long_date_with_weekday(each.date),
            "session": "Morning" if each.session == "AM" else "Afternoon",
            "meaning": f"{each.code}: {ABSENCES.get(each.code, 'Not in attendance')}",
        }
        for each in sorted(notice.sessions, key=lambda each: (each.date, each.session))
    ]


def _issuer(notice: Notice, sender: Authority, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [
        ("Name", notice.issued_by),
        ("Role", ROLES.get(notice.issued_by_role, notice.issued_by_role)),
        *more,
        ("Authority", sender.name),
        ("Date of issue", long_date_with_weekday(notice.issued_on)),
    ]


def _notice_to_improve(notice: NoticeToImprove, school: School, sender: Authority) -> Contents:
    """WTISA, Notices to Improve: record, duty, support given and offered, warning, time, improvement, early grounds."""
    days = [each.date for each in notice.sessions]
    return {
        "period": {"first": long_date_with_weekday(min(days)), "last": long_date_with_weekday(max(days))},
        "sessions": _sessions(notice),
        "support_offered": notice.support_offered,
        "support_available": notice.support_available,
        "contact": notice.contact.rows(),
        "expected_improvement": notice.expected_improvement,
        "early_grounds": notice.early_grounds or None,
        "starts_on": long_date_with_weekday(notice.planned_starts_on),
        "ends_on": long_date_with_weekday(notice.planned_ends_on),
        "issuer": _issuer(notice, sender, ("School", school.name)),
    }


def _penalty_notice(notice: PenaltyNotice, reader: Parent, pupil: Person, school: School, sender: Authority, pay_url: str) -> Contents:
    """SI 2007/1867 reg. 3: the particulars of the offence, the amounts and how they vary, how to pay, and what follows."""
    final = long_date_with_weekday(notice.planned_final_deadline)
    amounts = [{"when": f"by the end of {final}", "amount": pounds(notice.full_pence)}]
    if notice.early_pence < notice.full_pence:
        early = long_date_with_weekday(notice.planned_early_deadline)
        amounts = [
            {"when": f"by the end of {early}", "amount": pounds(notice.early_pence)},
            {"when": f"after that, by the end of {final}", "amount": pounds(notice.full_pence)},
        ]
    excluded = notice.kind == "excluded-pupil-notice"
    section = "section 103 of the Education and Inspections Act 2006" if excluded else "section 444 of the Education Act 1996"
    # The child's address is the other parent's where the reader lives elsewhere.
    child_lives = (
        ", ".join(reader.postal_address)
        if reader.lives_with_pupil
        else "Held by the authority; not printed, because you are not recorded as living there"
    )
    return {
        "power": "section 105 of the Education and Inspections Act 2006" if excluded else "section 444A of the Education Act 1996",
        "amounts": amounts,
        "dates_rest_on": (
            f"These dates suppose that this notice reached you on {long_date_with_weekday(notice.planned_received_on)}, and the day on which"
            " you receive it is the first day. If it reached you later, you have as many days longer: tell us."
            + (
                " There is no lower amount for early payment: this is the second notice to you about this child within three years."
                if notice.tier == "second"
                else ""
            )
        ),
        "payee": ", ".join([sender.name, *sender.address]),
        "how_to_pay": [
            ("Online", pay_url),
            ("Reference", notice.reference),
            ("Amount", "The page shows what is due on the day you pay"),
        ],
        "offence": {"words": _offence(excluded, pupil, school)},
        "particulars": [
            ("Period of the offence", f"{long_date_with_weekday(notice.offence.start)} to {long_date_with_weekday(notice.offence.end)}"),
            ("You", f"{reader.name}, {', '.join(reader.postal_address)}"),
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


def _offence(excluded: bool, pupil: Person, school: School) -> str:
    believed = "The authority has reason to believe that you committed this offence:"
    if excluded:
        return (
            f"{believed} {pupil.name} was excluded from {school.name} on disciplinary grounds and was in a public place during school hours"
            " on a day on which you had to make sure that this did not happen, without reasonable justification (Education and"
            " Inspections Act 2006, section 103)."
        )
    return (
        f"{believed} {pupil.name}, a child of compulsory school age and a registered pupil of {school.name}, failed to attend there"
        " regularly, and you are a parent (Education Act 1996, section 444(1))."
    )


def _about(notice: Notice, pupil: Person, school: School) -> list[tuple[str, str]]:
    named = [("Reference", notice.reference)] if isinstance(notice, PenaltyNotice) else []
    return [*named, ("Child", pupil.name), ("School", school.name), ("Issued on", long_date_with_weekday(notice.issued_on))]


def _withdrawal(notice: Notice, withdrawal: Withdrawal, pupil: Person, school: School) -> Contents:
    """SI 2007/1867: written notice of the withdrawal; what was paid is refunded; no proceedings on it."""
    correction = " A new notice without the error may be sent to you." if withdrawal.ground == "material-error" else ""
    if isinstance(notice, PenaltyNotice):
        title = f"Withdrawn: penalty notice {notice.reference}"
        effect = (
            "You no longer have to pay. Anything you have paid for this notice is given back in full, no proceedings will be brought for"
            f" the offence described in it, and it does not count as an earlier notice.{correction}"
        )
    else:
        title, effect = f"Withdrawn: Notice to Improve about {pupil.name}", "It has no effect any more."
    return {
        "title": title,
        "withdrawn_on": long_date_with_weekday(withdrawal.withdrawn_on),
        "ground": GROUNDS[withdrawal.ground],
        "particulars": _about(notice, pupil, school),
        "effect": effect,
    }


def _correction(subject: Notice | DecidedLeave, correction: Correction, pupil: Person, school: School) -> Contents:
    about = [("Child", pupil.name), ("School", school.name)] if isinstance(subject, DecidedLeave) else _about(subject, pupil, school)
    return {
        "particulars": about,
        "letters": [
            {
                "name": NAMES.get(each.kind, each.kind),
                "dated": long_date_with_weekday(each.dated),
                "posted": f"posted on {long_date_with_weekday(each.posted_on)}" if each.posted_on else "sent before that day",
            }
            for each in correction.letters
        ],
    }


def _receipt(notice: Notice, payment: Payment, pupil: Person, school: School) -> Contents:
    """Education Act 1996 s.444A: payment in time discharges liability for the offence."""
    return {
        "particulars": [
            *_about(notice, pupil, school),
            ("Paid in all", pounds(payment.paid_pence)),
            ("Paid in full on", long_date_with_weekday(payment.counted_on)),
        ]
    }
