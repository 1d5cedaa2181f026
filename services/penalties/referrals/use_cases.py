"""Fill in, send and read referrals."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from services.penalties.case_file.domain.courses import standing_request
from services.penalties.case_file.domain.facts import Agreement, CaseFile
from services.penalties.case_file.domain.liability import Basis, ParentBy
from services.penalties.case_file.use_cases.load import current_ids, load_case_file, named_parents
from services.penalties.case_file.use_cases.problems import Refused, require
from services.penalties.law import law_of
from services.penalties.referrals.domain import (
    DECLARATIONS,
    Course,
    DeclarationItem,
    Referral,
    ReferralContent,
    answer_to,
    changes,
    open_support,
    referral_finding,
    referral_refusals,
)
from services.penalties.referrals.repository import add_referral, referrals_of
from services.penalties.support.domain.completeness import ChecklistItem
from services.penalties.support.use_cases.read import show_completeness
from shared import clock
from shared.database import Transaction
from shared.http import CallerInfo
from shared.ids import new_id


class ReferralRefused(Refused):
    """This referral cannot be sent now."""


@dataclass(frozen=True, slots=True)
class FormParent:
    """A contact on the form: what makes them a parent, whether they allowed the absence, and what a decision that still holds asks for."""

    id: UUID
    parent_by: ParentBy | None
    basis: Basis | None
    asked_for: Course | None


@dataclass(frozen=True, slots=True)
class FormDeclaration:
    """A declaration that the authority asks for, and how the last referral answered it."""

    item: DeclarationItem
    text: str
    declared: bool = False
    why_not: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralForm:
    """The form, filled in from the register, the log and the referral before. `goes_to`: who answers it."""

    goes_to: Literal["business-support", "aco"]
    sessions: int
    first_session: date
    last_session: date
    holiday: bool
    parents: tuple[FormParent, ...]
    declarations: tuple[FormDeclaration, ...]
    support: tuple[ChecklistItem, ...]
    statement: str | None
    answer: Agreement | None


@dataclass(frozen=True, slots=True)
class ShownReferral:
    """A referral, what it changed of the one before, and the authority's answer to it."""

    referral: Referral
    number: int
    changes: tuple[str, ...]
    answer: Agreement | None


async def fill_in(tx: Transaction, case_id: UUID) -> ReferralForm:
    """Return the form of the next referral of a case: what it lacks are the declarations, and reasons for what the log leaves open."""
    case = await load_case_file(tx, case_id)
    support = await show_completeness(tx, case_id)
    before = await referrals_of(tx, case_id)
    last = before[-1] if before else None
    made = {each.item: each for each in last.declarations} if last else {}
    asked = law_of(case.la_code).at("referral_declarations", clock.today()).value
    sessions = case.counting or case.sessions
    lacking = open_support(support)
    return ReferralForm(
        goes_to="business-support" if case.holiday else "aco",
        sessions=len(sessions),
        first_session=sessions[0].date,
        last_session=sessions[-1].date,
        holiday=case.holiday,
        parents=tuple(FormParent(each.id, each.parent_by, each.basis, _asked_for(case, each.id)) for each in case.parents),
        declarations=tuple(
            FormDeclaration(item, text, made[item].declared, made[item].why_not) if item in made else FormDeclaration(item, text)
            for item, text in DECLARATIONS.items()
            if item in asked
        ),
        support=tuple(each for each in support.items if each.item in lacking),
        statement=last.statement if last else None,
        answer=answer_to(last, None, case.agreements) if last else None,
    )


def _asked_for(case: CaseFile, parent_id: UUID) -> Course | None:
    courses: tuple[Course, ...] = ("penalty-notice", "prosecution")
    return next((course for course in courses if standing_request(case, parent_id, course)), None)


async def refer(tx: Transaction, caller: CallerInfo, case_id: UUID, content: ReferralContent) -> ShownReferral:
    """Send a referral in the name of a person: incomplete only with a reason for each item that is missing. Raises ReferralRefused."""
    person, today = caller.person(), clock.today()
    case = await load_case_file(tx, case_id, lock=True)
    parents = named_parents(case, content.parent_ids)
    support, law = await show_completeness(tx, case_id), law_of(case.la_code)
    lacking = open_support(support)
    # What the log has got an outcome for meanwhile is no gap any more.
    gaps = tuple(each for each in content.support_gaps if each.item in lacking)
    sent = ReferralContent(parents, content.course, content.statement, content.declarations, gaps)
    require(referral_refusals(case, sent, law.at("referral_declarations", today).value, support), ReferralRefused)
    referral = Referral(
        id=new_id(),
        case_id=case.id,
        parent_ids=sent.parent_ids,
        course=sent.course,
        statement=sent.statement,
        declarations=sent.declarations,
        support_gaps=sent.support_gaps,
        referred_on=today,
        referred_at=clock.now(),
        referred_by=person,
        referred_by_role=caller.role,
        referred_by_subject=caller.subject,
        findings=(referral_finding(law, today, sent).as_json(),),
    )
    await add_referral(tx, referral)
    return (await show_thread(tx, case_id))[-1]


async def show_thread(tx: Transaction, case_id: UUID) -> list[ShownReferral]:
    """Return the referrals of a case, oldest first, parents under the ids that hold now."""
    case = await load_case_file(tx, case_id)
    current = await current_ids(tx, case.pupil_id)
    thread = [replace(each, parent_ids=current.of_all(each.parent_ids)) for each in await referrals_of(tx, case_id)]
    return [
        ShownReferral(each, number, changes(before, each), answer_to(each, following, case.agreements))
        for number, (before, each, following) in enumerate(zip([None, *thread], thread, [*thread[1:], None], strict=False), start=1)
    ]
