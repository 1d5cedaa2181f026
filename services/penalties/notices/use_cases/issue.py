"""Issue penalty notices."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.penalties.case_file.domain.cases import available
from services.penalties.case_file.domain.facts import CaseFile
from services.penalties.case_file.domain.notices import MainReason, PenaltyNotice
from services.penalties.case_file.domain.refusals import Refusal
from services.penalties.case_file.domain.sessions import OffencePeriod, Slot
from services.penalties.case_file.repository.notices import add_notice, lock_parent_and_child, penalty_notices_about
from services.penalties.case_file.use_cases.load import current_ids, load_case_file, named_parents
from services.penalties.case_file.use_cases.matters import judge_matters
from services.penalties.case_file.use_cases.problems import Refused, require
from services.penalties.decisions.domain import decision_and_agreement
from services.penalties.evidence import clients
from services.penalties.evidence.domain import ThresholdView, with_threshold_view
from services.penalties.law import code_findings, law_of
from services.penalties.notices.domain.penalty_notices import penalty_notice_refusals, sessions_of_offence
from services.penalties.notices.domain.references import new_reference
from services.penalties.notices.domain.tariff import Assessment, EarlierNotice, NoticeLaw, assess_tier
from services.penalties.notices.repository import reference_taken
from services.penalties.projections.repository import undisputed_upn_of
from services.penalties.serving.domain import clocks
from shared import clock
from shared.attendance.deemed_receipt import deemed_receipt
from shared.contracts.penalties import NoticeIssued
from shared.database import Database, Transaction, all_rows_visible
from shared.http import CallerInfo
from shared.ids import new_id
from shared.messaging import publish_many


class PenaltyNoticeRefused(Refused):
    """A penalty notice cannot be issued now."""


@dataclass(frozen=True, slots=True)
class Order:
    """What an officer asks to be issued."""

    parent_ids: tuple[UUID, ...]
    offence: OffencePeriod
    main_reason: MainReason
    set_aside_reason: str | None = None


async def find_return(database: Database, case_id: UUID, order: Order, view: ThresholdView) -> date | None:
    """Return the day of the pupil's first attending mark after a holiday's last absence, asked from registers before anything is locked.

    None for any other reason than a holiday, or where there is no such mark yet.
    """
    if order.main_reason != "holiday":
        return None
    async with database.begin() as tx:
        case = with_threshold_view(await load_case_file(tx, case_id), view)
        upn = await undisputed_upn_of(tx, case.pupil_id)
    absences = [s.slot for s in available(case) if order.offence.start <= s.date <= order.offence.end]
    last: Slot = max(absences) if absences else (order.offence.end, "PM")
    return await clients.attended_after(upn, last, clock.today()) if upn else None


async def issue_penalty_notices(
    tx: Transaction, caller: CallerInfo, case_id: UUID, order: Order, view: ThresholdView, returned_on: date | None
) -> list[PenaltyNotice]:
    """Issue a penalty notice to each of these parents: all or none.

    `view` is what `wait_for_evidence` found of the offence period, `returned_on` what `find_return` did.
    """
    person, today = caller.person(), clock.today()
    locked = await load_case_file(tx, case_id, lock=True)
    parents = named_parents(locked, order.parent_ids)
    for parent_id in sorted(parents):
        await lock_parent_and_child(tx, parent_id, locked.pupil_id)
    # Another case of the child may have spent sessions while this one waited for the parent.
    case = with_threshold_view(await load_case_file(tx, case_id), view)
    refusals = [*penalty_notice_refusals(case, parents, order.offence, order.set_aside_reason)]
    if order.main_reason == "holiday" and returned_on is None:
        refusals.append(Refusal("return-mark", "The pupil has no attending mark after the holiday yet: its end is not known."))
    require(tuple(refusals), PenaltyNoticeRefused)
    receipt = deemed_receipt(today, "first-class-post")
    planned = clocks(law_of(case.la_code), receipt.received_on)
    issued = []
    for parent_id, assessment in (await _assess(tx, case, parents, order.offence, today)).items():
        decision, agreement = decision_and_agreement(case, parent_id)
        tier, early_pence, full_pence = assessment.rate()
        notice = PenaltyNotice(
            id=new_id(),
            reference=await _reference(tx),
            kind="penalty-notice",
            case_id=case.id,
            decision_id=decision.id,
            agreement_id=agreement.id,
            pupil_id=case.pupil_id,
            parent_id=parent_id,
            urn=case.urn,
            la_code=case.la_code,
            offence_from=order.offence.start,
            offence_to=order.offence.end,
            # Whether a closed case had set them aside concerned this issue alone.
            sessions=tuple(replace(each, set_aside=False) for each in sessions_of_offence(case, parent_id, order.offence)),
            main_reason=order.main_reason,
            set_aside_reason=order.set_aside_reason,
            tier=tier,
            early_pence=early_pence,
            full_pence=full_pence,
            issued_on=today,
            issued_at=clock.now(),
            issued_by=person,
            issued_by_role=caller.role,
            planned_received_on=receipt.received_on,
            planned_early_deadline=planned.early_deadline,
            planned_final_deadline=planned.final_deadline,
            findings=(
                *case.findings,
                *(finding.as_json() for finding in assessment.findings),
                *code_findings(case.la_code, today, "issued under"),
            ),
        )
        await add_notice(tx, notice)
        issued.append(notice)
    await publish_many(tx, [NoticeIssued.of(notice, notice_id=notice.id) for notice in issued])
    await judge_matters(tx, case.id)
    return issued


async def _assess(tx: Transaction, case: CaseFile, parents: Sequence[UUID], offence: OffencePeriod, today: date) -> dict[UUID, Assessment]:
    """Return tier and amounts by parent, who are locked; the cap of two in three years is checked inside this transaction, parent by parent."""
    current = await current_ids(tx, case.pupil_id)
    async with all_rows_visible(tx):  # the cap counts what any school's case led to
        before = await penalty_notices_about(tx, case.pupil_id)
    law = law_of(case.la_code)
    assessments = {
        parent_id: assess_tier(
            law, "s444a", today, offence, [earlier_notice(each) for each in before if current[each.parent_id] == parent_id]
        )
        for parent_id in parents
    }
    refused = {parent_id: each for parent_id, each in assessments.items() if not each.available}
    if refused:
        text = "Two notices in three years have been issued to this parent about this child: a third cannot be."
        raise PenaltyNoticeRefused(
            text,
            missing=[Refusal("cap", text, parent_id).as_json() for parent_id in refused],
            findings=[finding.as_json() for each in refused.values() for finding in each.findings],
        )
    return assessments


def earlier_notice(notice: PenaltyNotice) -> EarlierNotice:
    """Return what the limit asks about a notice that was issued."""
    kind: NoticeLaw = "s105" if notice.kind == "excluded-pupil-notice" else "s444a"
    return EarlierNotice(kind, notice.issued_on, notice.offence_from, notice.status == "withdrawn", notice.acquitted)


async def _reference(tx: Transaction) -> str:
    """Draw a reference that is not in use."""
    async with all_rows_visible(tx):  # by whatever notice
        while await reference_taken(tx, reference := new_reference(secrets.choice)):
            pass
    return reference
