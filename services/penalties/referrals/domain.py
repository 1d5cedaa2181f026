"""What a referral declares, what it lacks, and what changed since the one before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.penalties.case_file.domain.courses import standing_request
from services.penalties.case_file.domain.facts import Agreement, CaseFile
from services.penalties.case_file.domain.notices import Findings
from services.penalties.case_file.domain.refusals import Refusal, Refusals, liability_refusals
from services.penalties.support.domain.completeness import Completeness
from shared.law import Finding, Law

Course = Literal["penalty-notice", "prosecution"]
DeclarationItem = Literal[
    "medical-evidence-seen",
    "turned-away-authorised",
    "part-time-timetable-coded",
    "travel-codes-considered",
    "staff-contacts-checked",
    "leads-in-support",
    "likely-to-effect-change",
    "changes-will-be-reported",
]
DECLARATIONS: dict[DeclarationItem, str] = {
    "medical-evidence-seen": "Medical evidence for these sessions was asked for and seen, and the coding reviewed.",
    "turned-away-authorised": "Sessions on which the child was sent home or turned away are authorised.",
    "part-time-timetable-coded": "Sessions outside a part-time timetable have the code C2.",
    "travel-codes-considered": "The codes Y1, Y7 and Q (travel and transport) were considered for each session.",
    "staff-contacts-checked": "The contacts of all staff with the parents were checked.",
    "leads-in-support": "The Senior Attendance Champion, the SENCO and the safeguarding lead are in support of this referral.",
    "likely-to-effect-change": "This course is likely to effect change, for the reason given.",
    "changes-will-be-reported": "I undertake to report every change of the family's circumstances to the authority.",
}
"""The text of each declaration that an authority may ask for."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One declaration: made, or why it is not."""

    item: DeclarationItem
    declared: bool
    why_not: str | None = None


@dataclass(frozen=True, slots=True)
class SupportGap:
    """An item of the checklist of support that the log leaves open, and why the referral does not wait for it."""

    item: str
    why_not: str


@dataclass(frozen=True, slots=True)
class ReferralContent:
    """What a school refers: whom, for what, why it is likely to effect change, what it declares, and what it leaves open."""

    parent_ids: tuple[UUID, ...]
    course: Course
    statement: str
    declarations: tuple[Declaration, ...]
    support_gaps: tuple[SupportGap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral(ReferralContent):
    """A referral that a named person sent. Referrals of a case are one thread: each is only ever added."""

    id: UUID
    case_id: UUID
    referred_on: date
    referred_at: datetime
    referred_by: str
    referred_by_role: str
    referred_by_subject: str
    findings: Findings

    @property
    def complete(self) -> bool:
        """Whether every declaration was made and no item of support is open."""
        return not self.support_gaps and all(each.declared for each in self.declarations)


def referral_refusals(case: CaseFile, content: ReferralContent, asked: Sequence[str], support: Completeness) -> Refusals:
    """Return what stops a referral: it may be incomplete, with a reason for every item that is missing.

    `asked`: the declarations that the authority asks for.
    """
    if case.status != "open":
        return (Refusal("case-closed", "The case is closed."),)
    refusals = [
        Refusal("decision", "No decision that still holds asks the authority for this about this parent.", parent_id)
        for parent_id in content.parent_ids
        if standing_request(case, parent_id, content.course) is None
    ]
    refusals += liability_refusals(case, content.parent_ids)
    answered = {each.item for each in content.declarations if each.declared or each.why_not}
    refusals += [
        Refusal(f"declaration-{item}", f"Declare it, or give the reason why not: {text}")
        for item, text in DECLARATIONS.items()
        if item in asked and item not in answered
    ]
    explained = {each.item for each in content.support_gaps}
    refusals += [
        Refusal(f"support-{each}", f"The log lacks an outcome: {each.replace('-', ' ')}. Record it there, or give the reason why not.")
        for each in open_support(support)
        if each not in explained
    ]
    return tuple(refusals)


def open_support(support: Completeness) -> tuple[str, ...]:
    """Return the items of the checklist that the log leaves without an outcome and without a reason."""
    return tuple(each.item for each in support.items if each.state in {"missing", "without-outcome"})


def referral_finding(law: Law, today: date, content: ReferralContent) -> Finding:
    """Return the finding of a referral: which declarations were asked for, and what it leaves open."""
    not_declared = [each.item for each in content.declarations if not each.declared]
    gaps = [each.item for each in content.support_gaps]
    outcome = "incomplete, with reasons" if not_declared or gaps else "complete"
    return law.at("referral_declarations", today).finding(outcome, not_declared=not_declared, support_open=gaps)


def changes(before: Referral | None, after: Referral) -> tuple[str, ...]:
    """Return in sentences what a referral changed of the one before it; nothing for the first."""
    return tuple(_changes(before, after)) if before else ()


def _changes(before: Referral, after: Referral) -> Iterable[str]:
    if set(before.parent_ids) != set(after.parent_ids):
        yield "It is about other parents."
    if before.course != after.course:
        yield f"It asks for a {after.course.replace('-', ' ')}, before for a {before.course.replace('-', ' ')}."
    if before.statement != after.statement:
        yield "The statement is another one."
    earlier = {each.item: each for each in before.declarations}
    for each in after.declarations:
        was = earlier.get(each.item)
        if each.declared and (was is None or not was.declared):
            yield f"Now declared: {DECLARATIONS[each.item]}"
        elif not each.declared and was is not None and was.declared:
            yield f"No longer declared: {DECLARATIONS[each.item]}"
        elif was is not None and each.why_not != was.why_not:
            yield f"Another reason why this is not declared: {DECLARATIONS[each.item]}"
    gaps, had = {each.item for each in after.support_gaps}, {each.item for each in before.support_gaps}
    for item in sorted(had - gaps):
        yield f"No longer open in the support log: {item.replace('-', ' ')}."
    for item in sorted(gaps - had):
        yield f"Newly open in the support log: {item.replace('-', ' ')}."


def answer_to(referral: Referral, following: Referral | None, agreements: Sequence[Agreement]) -> Agreement | None:
    """Return the authority's last answer about a parent of a referral, before the one that followed it; None while it is awaited."""
    until = following.referred_at if following else None
    given = [
        each
        for each in agreements
        if each.agreed_at >= referral.referred_at
        and (until is None or each.agreed_at < until)
        and (not each.parent_ids or set(each.parent_ids) & set(referral.parent_ids))
    ]
    return given[-1] if given else None
