"""Gather what the rules ask about a parent, and give the policy in force."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.penalties.advice.domain import Advice, ParentFacts, recommend
from services.penalties.advice.repository import sibling_convictions, sibling_notices
from services.penalties.case_file.domain.courses import REQUESTS, standing_request
from services.penalties.case_file.domain.facts import CaseFile
from services.penalties.case_file.domain.sessions import OffencePeriod
from services.penalties.case_file.repository.cases import court_files_about
from services.penalties.case_file.repository.notices import penalty_notices_about
from services.penalties.case_file.use_cases.load import CurrentIds, current_ids, load_case_file, named_parents
from services.penalties.law import law_of
from services.penalties.notices.use_cases.issue import earlier_notice
from services.penalties.support.use_cases.read import show_completeness
from shared import clock
from shared.attendance.working_days import add_working_days
from shared.database import Transaction, all_rows_visible
from shared.law import Law, Provision, UnknownProvisionError

HOLIDAY_CODE = "G"


@dataclass(frozen=True, slots=True)
class ShownAdvice(Advice):
    """What the rules recommend about one parent, with the days by which a school refers and the authority answers."""

    parent_id: UUID
    refer_by: date | None
    answer_by: date | None
    findings: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A code of conduct in force."""

    version: str
    published: date
    in_force_from: date
    address: str
    discretion: str
    reference: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy of an authority on a day."""

    la_code: str
    pack: str
    on: date
    code: Code | None
    parameters: tuple[Provision, ...]


async def advise(tx: Transaction, case_id: UUID, parent_id: UUID) -> ShownAdvice:
    """Return what the rules in force today recommend about one parent of a case. Raises NotAParent and OffenceAcrossFrameworks."""
    today = clock.today()
    case = await load_case_file(tx, case_id)
    named_parents(case, [parent_id])
    law = law_of(case.la_code)
    lacking = (await show_completeness(tx, case_id)).items
    untried = tuple(each.item for each in lacking if each.state == "missing")
    advice = recommend(law, today, await _facts(tx, case, parent_id, untried))
    refer_by = answer_by = None
    if case.holiday and case.holiday_to:
        refer_by = add_working_days(case.holiday_to, law.at("referral_days_after_holiday", today).value)
    if requests := [each for kind in sorted(REQUESTS) if (each := standing_request(case, parent_id, kind))]:
        answer_by = add_working_days(requests[0].decided_on, law.at("referral_days_to_answer", requests[0].decided_on).value)
    findings = tuple(each.finding.as_json() for each in advice.rules)
    return ShownAdvice(advice.recommendation, advice.decided_by, advice.rules, parent_id, refer_by, answer_by, findings)


async def _facts(tx: Transaction, case: CaseFile, parent_id: UUID, untried: tuple[str, ...]) -> ParentFacts:
    current = await current_ids(tx, case.pupil_id)
    parent_ids = _ids_of(current, parent_id)
    async with all_rows_visible(tx):  # the limit of notices, and what a parent's other children led to, are of any school's cases
        notices = [each for each in await penalty_notices_about(tx, case.pupil_id) if current[each.parent_id] == parent_id]
        files = [each for each in await court_files_about(tx, case.pupil_id) if current[each.parent_id] == parent_id]
        siblings = await sibling_notices(tx, parent_ids, case.pupil_id)
        convictions = await sibling_convictions(tx, parent_ids, case.pupil_id)
    days = [session.date for session in case.counting or case.sessions]
    return ParentFacts(
        offence=OffencePeriod(min(days, default=case.met_on), max(days, default=case.met_on)),
        earlier=tuple(earlier_notice(each) for each in notices),
        convicted_on=tuple(each.ended_on for each in files if each.status == "concluded" and not each.acquitted and each.ended_on),
        sibling_notices_on=tuple(siblings),
        sibling_convicted_on=tuple(convictions),
        holiday_sessions=_holiday_sessions(case),
        untried=untried,
    )


def _ids_of(current: CurrentIds, parent_id: UUID) -> list[UUID]:
    return [parent_id, *(former for former, now in current.items() if now == parent_id)]


def _holiday_sessions(case: CaseFile) -> int | None:
    if not case.holiday:
        return None
    first, last = case.holiday_from or date.min, case.holiday_to or date.max
    return sum(1 for session in case.counting if session.code == HOLIDAY_CODE and first <= session.date <= last)


def read_policy(la_code: str, on: date | None) -> Policy:
    """Return the policy that binds an authority on a day; without one, today."""
    day = on or clock.today()
    law = law_of(la_code)
    found = tuple(each for name in sorted(law.history) if (each := _at(law, name, day)) is not None)
    code = _at(law, "code_of_conduct", day)
    shown = (
        Code(code.value["version"], code.value["published"], code.since, code.href, code.value["discretion"], code.reference)
        if code
        else None
    )
    return Policy(la_code, law.pack, day, shown, tuple(each for each in found if each.name != "code_of_conduct"))


def _at(law: Law, name: str, day: date) -> Provision | None:
    try:
        return law.at(name, day)
    except UnknownProvisionError:
        return None
