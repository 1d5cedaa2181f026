"""Penalty notices: issued, served, read."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.penalties.clients import registers
from services.penalties.domain import penalty_notices as rules
from services.penalties.domain.clocks import clocks
from services.penalties.domain.evidence import Judged, as_judged
from services.penalties.domain.facts import Case
from services.penalties.domain.payments import Settlement
from services.penalties.domain.references import new_reference
from services.penalties.domain.refusals import Refusal
from services.penalties.domain.service import deadlines, receipt_finding
from services.penalties.domain.tariff import Assessment, EarlierNotice, OffencePeriod, assess_tier
from services.penalties.repository import cases, notices, projections
from services.penalties.use_cases.access import may_reach_school, reach_of
from services.penalties.use_cases.decisions import named_parents
from services.penalties.use_cases.dossiers import current_ids, load_case
from services.penalties.use_cases.overdue import say_overdue
from services.penalties.use_cases.problems import NoticeNotFound, PenaltyNoticeRefused, require
from services.penalties.use_cases.settlement import due_on, settle_notice, settlement_of
from services.penalties.use_cases.statutes import law_of
from shared import clock
from shared.attendance.deemed_receipt import deemed_receipt
from shared.contracts.event import Period, RelianceSession
from shared.contracts.notifications import NoticeServed
from shared.contracts.penalties import NoticeIssued
from shared.database import Database, Transaction
from shared.http import CallerInfo
from shared.ids import new_id
from shared.messaging import publish_many


@dataclass(frozen=True, slots=True)
class Order:
    """What an officer asks to be issued."""

    parent_ids: tuple[UUID, ...]
    offence: OffencePeriod
    main_reason: str
    set_aside_reason: str | None = None


async def find_return(database: Database, case_id: UUID, order: Order, judged: Judged) -> date | None:
    """Return the day of the pupil's first attending mark after a holiday's last absence, asked from registers before anything is locked.

    None for any other reason than a holiday, or where there is no such mark yet.
    """
    if order.main_reason != "holiday":
        return None
    async with database.begin() as tx:
        case = as_judged(await load_case(tx, case_id), judged)
        upn = await projections.upn_of(tx, case.pupil_id)
    absences = (s.slot for s in rules.available(case) if order.offence.start <= s.date <= order.offence.end)
    last = max(absences, default=(order.offence.end, "PM"))
    return await registers.attended_after(upn, last, clock.today()) if upn else None


async def issue_penalty_notices(
    tx: Transaction, caller: CallerInfo, case_id: UUID, order: Order, judged: Judged, returned_on: date | None
) -> list[dict[str, Any]]:
    """Issue a penalty notice to each of these parents: all or none.

    `judged` is what `settle_evidence` found of the offence period, `returned_on` what `find_return` did.
    """
    person, today = caller.person(), clock.today()
    case = as_judged(await load_case(tx, case_id, lock=True), judged)
    parents = named_parents(case, order.parent_ids)
    refusals = [*rules.issue_refusals(case, parents, order.offence, order.set_aside_reason)]
    if order.main_reason == "holiday" and returned_on is None:
        refusals.append(Refusal("return-mark", "The pupil has no attending mark after the holiday yet: its end is not known."))
    require(tuple(refusals), PenaltyNoticeRefused)
    assessments = await _assess(tx, case, parents, order.offence, today)
    row = await cases.case_row(tx, case.id)
    issued = []
    for parent_id, assessment in assessments.items():
        request, agreement = rules.grounds(case, parent_id)
        receipt = deemed_receipt(today, "first-class-post")
        planned = clocks(law_of(case.la_code), receipt.received_on)
        stored = {
            "id": new_id(),
            "reference": await _reference(tx),
            "kind": "penalty-notice",
            "case_id": case.id,
            "decision_id": request.id,
            "agreement_id": agreement.id,
            "pupil_id": case.pupil_id,
            "parent_id": parent_id,
            "urn": case.urn,
            "la_code": case.la_code,
            "offence_from": order.offence.start,
            "offence_to": order.offence.end,
            "sessions": [session.as_json() for session in rules.sessions_of_offence(case, parent_id, order.offence)],
            "main_reason": order.main_reason,
            "set_aside_reason": order.set_aside_reason,
            "tier": assessment.tier,
            "early_pence": assessment.early_pence,
            "full_pence": assessment.full_pence,
            "issued_on": today,
            "issued_at": clock.now(),
            "issued_by": person,
            "issued_by_role": caller.role,
            "planned_received_on": receipt.received_on,
            "planned_early_deadline": planned.early_deadline,
            "planned_final_deadline": planned.final_deadline,
            "status": "issued",
            "findings": [*(row.findings if row else ()), *(finding.as_json() for finding in assessment.findings)],
        }
        await notices.insert_penalty_notice(tx, stored)
        issued.append(stored)
    await publish_many(tx, [_said(stored) for stored in issued])
    return issued


async def _assess(tx: Transaction, case: Case, parents: Sequence[UUID], offence: OffencePeriod, today: date) -> dict[UUID, Assessment]:
    """Return tier and amounts by parent; the cap of two in three years is checked inside this transaction, parent by parent."""
    for parent_id in sorted(parents):
        await notices.lock_parent_and_child(tx, parent_id, case.pupil_id)
    known_as = await current_ids(tx, case.pupil_id)
    before = await notices.penalty_notice_rows(tx, case.pupil_id)
    law = law_of(case.la_code)
    assessments = {
        parent_id: assess_tier(
            law, "s444a", today, offence, [_earlier(n) for n in before if known_as.get(n.parent_id, n.parent_id) == parent_id]
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


def _earlier(row: Any) -> EarlierNotice:
    kind = "s105" if row.kind == "excluded-pupil-notice" else "s444a"
    return EarlierNotice(kind, row.issued_on, row.offence_from, withdrawn=row.status == "withdrawn", acquitted=row.acquitted)  # type: ignore[arg-type]


async def _reference(tx: Transaction) -> str:
    """Draw a reference that is not in use."""
    while await notices.reference_taken(tx, reference := new_reference(secrets.choice)):
        pass
    return reference


def _said(stored: dict[str, Any]) -> NoticeIssued:
    return NoticeIssued(
        notice_id=stored["id"],
        kind="penalty-notice",
        case_id=stored["case_id"],
        pupil_id=stored["pupil_id"],
        parent_id=stored["parent_id"],
        urn=stored["urn"],
        la_code=stored["la_code"],
        sessions=tuple(RelianceSession.model_validate(session) for session in stored["sessions"]),
        issued_on=stored["issued_on"],
        reference=stored["reference"],
        offence=Period(start=stored["offence_from"], end=stored["offence_to"]),
        main_reason=stored["main_reason"],
        tier=stored["tier"],
        early_pence=stored["early_pence"],
        full_pence=stored["full_pence"],
        findings=tuple(stored["findings"]),
    )


async def serve_penalty_notice(tx: Transaction, event: NoticeServed) -> bool:
    """Start the clocks of a penalty notice from its receipt, or lengthen them; False where the event is about something else.

    A later receipt, proven of an overdue notice, takes it back to served while there is time to pay; without, it is said again as overdue.
    """
    found = await notices.penalty_notice_row(tx, event.notice_id)
    if found is None:
        return False
    await cases.case_row(tx, found.case_id, lock=True)
    row = await notices.penalty_notice_row(tx, event.notice_id, lock=True)
    if row is None or row.served_revision >= event.revision:
        return True
    printed = (row.planned_early_deadline, row.planned_final_deadline)
    dates = deadlines(law_of(row.la_code), event.received_on, printed, (row.early_deadline, row.final_deadline))
    findings = (receipt_finding(event.posted_on, event.method, event.received_on), *dates.findings)
    values: dict[str, Any] = {
        "method": event.method,
        "posted_on": event.posted_on,
        "received_on": event.received_on,
        "proof_id": event.proof_id,
        "served_revision": event.revision,
        "early_deadline": dates.early_deadline,
        "final_deadline": dates.final_deadline,
        "overdue_from": dates.overdue_from,
        "service_findings": [finding.as_json() for finding in findings],
    }
    in_time = dates.overdue_from > clock.today()
    if row.status == "issued" or (row.status == "overdue" and in_time):
        values["status"] = rules.move(row.status, "served")
    await notices.update_penalty_notice(tx, row.id, **values)
    if row.status == "overdue" and not in_time:
        await say_overdue(tx, row.id)
    await settle_notice(tx, row.id)
    return True


async def read_penalty_notice(tx: Transaction, notice_id: UUID) -> dict[str, Any]:
    """Return a penalty notice with what is due on it today."""
    row = await notices.penalty_notice_row(tx, notice_id)
    if row is None:
        raise NoticeNotFound
    return await _shown(tx, row)


async def list_penalty_notices(
    tx: Transaction, caller: CallerInfo, *, case_id: UUID | None, urn: int | None, status: str | None, after: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """Return up to `limit` penalty notices that are the caller's own, with what is due on them today."""
    reach = await reach_of(tx, caller)
    may_reach_school(reach, urn)
    rows = await notices.penalty_notice_page(tx, reach, case_id=case_id, urn=urn, status=status, after=after, limit=limit)
    return [await _shown(tx, row) for row in rows]


async def _shown(tx: Transaction, row: Any) -> dict[str, Any]:
    return {
        **row._mapping,  # noqa: SLF001 -- SQLAlchemy's public name for a row as a mapping
        "offence": {"from": row.offence_from, "to": row.offence_to},
        "due_pence": await _due(tx, row),
        "findings": [*row.findings, *row.service_findings],
    }


async def _due(tx: Transaction, row: Any) -> int:
    if row.status == "paid":
        return 0
    settlement = await settlement_of(tx, row) if row.paid_pence else Settlement(0, None, 0)
    return due_on(row, settlement, clock.today())
