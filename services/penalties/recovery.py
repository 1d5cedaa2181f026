"""What comes back after the database went back to an old copy: from the service's own events, the threshold's, and the payment provider.

The words of people (reasons, names, what a Notice to Improve offers) are in no event: a person must look at everything brought back.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select

from services.penalties.case_file.domain.facts import Agreement, Case, Decision
from services.penalties.case_file.domain.notices import UNSETTLED, Contact, ImprovementNotice, PenaltyNotice
from services.penalties.case_file.domain.sessions import Session
from services.penalties.case_file.repository import cases
from services.penalties.case_file.repository.matters import ask_for_review
from services.penalties.case_file.repository.notices import add_notice, find_any_notice, find_notice, save_notice
from services.penalties.case_file.use_cases.threshold import case_as_met
from services.penalties.improvement.domain import CalendarMissing, improvement_period
from services.penalties.improvement.use_cases.periods import load_calendar
from services.penalties.law import law_of
from services.penalties.openings.domain import Opening, Standing, case_by_hand
from services.penalties.payments.repository import PaymentRow, add_payment, find_payment, store_money
from services.penalties.payments.use_cases.adopt import adopt_payments
from services.penalties.serving.domain import clocks
from services.penalties.tables.notices import penalty_notices
from shared import clock
from shared.attendance.deemed_receipt import deemed_receipt
from shared.contracts.penalties import (
    CaseClosed,
    CaseDecided,
    CaseOpened,
    ImprovementEnded,
    NoticeChanged,
    NoticeIssued,
    NoticeWithdrawn,
    PaymentOverdue,
    PaymentReceived,
)
from shared.contracts.thresholds import ThresholdMet
from shared.database import Database, Transaction
from shared.ids import derived_id
from shared.messaging import EventHandlers
from shared.messaging.messages import Transport
from shared.messaging.recovery import NOT_RECOVERED, NotRecoverable, Recovery, read_topic
from shared.problems import Problem

NOBODY = "not recovered"


def recovery(transport: Transport) -> Recovery:
    """Return what each of the service's events brings back."""
    met: dict[UUID, ThresholdMet] = {}

    async def open_case(tx: Transaction, event: CaseOpened) -> None:
        if await cases.find_case(tx, event.case_id, lock=True):
            if event.revision > 1:
                await cases.store_opened_again(tx, event.case_id, "open")
                await ask_for_review(tx, event.case_id, clock.today(), event.revision)
            return
        if event.by_hand:
            await cases.add_case(tx, _by_hand(event))
            await ask_for_review(tx, event.case_id, clock.today(), event.revision)
            return
        if not met:
            async for message in read_topic(transport, ThresholdMet.topic, ThresholdMet.type()):
                judged = ThresholdMet.model_validate_json(message.body)
                met[judged.run_id] = judged
        if (run := met.get(event.run_id)) is None:
            raise NotRecoverable("the judgement of its threshold is not in the log any more")
        await cases.add_case(tx, case_as_met(run, event.case_id, event.pupil_id, event.opened_on))
        await cases.save_run(tx, cases.RunRow(event.run_id, event.pupil_id, event.case_id, run.revision))
        await ask_for_review(tx, event.case_id, clock.today(), event.revision)

    handlers = EventHandlers("penalties")
    handlers.on(CaseOpened)(open_case)
    handlers.on(CaseDecided)(_decide)
    handlers.on(CaseClosed)(_close)
    handlers.on(NoticeIssued)(_issue)
    handlers.on(ImprovementEnded)(_end_improvement)
    handlers.on(PaymentReceived)(_receive_payment)
    handlers.on(PaymentOverdue)(_mark_overdue)
    handlers.on(NoticeChanged)(_take_back)
    handlers.on(NoticeWithdrawn)(_withdraw)
    return Recovery(handlers, _ask_the_provider)


def _by_hand(event: CaseOpened) -> Case:
    """Return a case that a person opened, without the sessions that counted then: a person looks at them again."""
    opening = Opening(
        case_id=event.case_id,
        run_id=event.run_id,
        pupil_id=event.pupil_id,
        urn=event.urn,
        la_code=event.la_code,
        opened_on=event.opened_on,
        reason=NOT_RECOVERED,
        by=NOBODY,
        role=NOBODY,
    )
    return case_by_hand(opening, Standing(), law_of(event.la_code))


async def _decide(tx: Transaction, event: CaseDecided) -> None:
    await _require_case(tx, event.case_id)
    by, at = (NOBODY, event.decided_by_role, NOBODY), _noon(event.decided_on)
    if event.stage == "decision" and event.decision:
        if event.decision_id not in {each.id for each in await cases.decisions_of(tx, event.case_id)}:
            kind = event.decision
            decision = Decision(event.decision_id, event.case_id, kind, event.parent_ids, NOT_RECOVERED, None, event.decided_on, at, *by)
            await cases.add_decision(tx, decision)
    elif event.recommendation and event.decision_id not in {each.id for each in await cases.agreements_of(tx, event.case_id)}:
        about, agreed = event.recommendation, bool(event.agreed)
        answer = Agreement(event.decision_id, event.case_id, agreed, about, event.parent_ids, NOT_RECOVERED, event.decided_on, at, *by)
        if agreed:
            days = law_of(event.la_code).at("agreement_days", event.decided_on).value
            answer = replace(answer, in_force_until=event.decided_on + timedelta(days))
        await cases.add_agreement(tx, answer)


async def _close(tx: Transaction, event: CaseClosed) -> None:
    await _require_case(tx, event.case_id)
    await cases.store_outcome(tx, event.case_id, "closed", event.outcome, event.closed_on, event.set_aside_to)
    await ask_for_review(tx, event.case_id, clock.today(), event.revision, event.closed_on)


async def _issue(tx: Transaction, event: NoticeIssued) -> None:
    await _require_case(tx, event.case_id)
    if await find_any_notice(tx, event.notice_id):
        return
    sessions = tuple(Session(each.date, each.session, each.code, each.urn, each.version) for each in event.sessions)
    await add_notice(
        tx, await _improvement_notice(tx, event, sessions) if event.reference is None else await _penalty_notice(tx, event, sessions)
    )


async def _penalty_notice(tx: Transaction, event: NoticeIssued, sessions: tuple[Session, ...]) -> PenaltyNotice:
    decided = [
        each
        for each in await cases.decisions_of(tx, event.case_id)
        if each.decision == "penalty-notice" and event.parent_id in each.parent_ids
    ]
    agreed = [each for each in await cases.agreements_of(tx, event.case_id) if each.agreed and event.parent_id in each.parent_ids]
    offence, reason, tier = event.offence, event.main_reason, event.tier
    early, full = event.early_pence, event.full_pence
    if not decided or not agreed or event.reference is None or event.kind == "notice-to-improve":
        raise NotRecoverable("the decision or the agreement that it rests on is not in the log any more")
    if offence is None or reason is None or tier is None or early is None or full is None:
        raise NotRecoverable("its event does not hold its period and amounts")
    receipt = deemed_receipt(event.issued_on, "first-class-post")
    planned = clocks(law_of(event.la_code), receipt.received_on)
    return PenaltyNotice(
        id=event.notice_id,
        reference=event.reference,
        kind=event.kind,
        case_id=event.case_id,
        decision_id=decided[-1].id,
        agreement_id=agreed[-1].id,
        pupil_id=event.pupil_id,
        parent_id=event.parent_id,
        urn=event.urn,
        la_code=event.la_code,
        offence_from=offence.start,
        offence_to=offence.end,
        sessions=sessions,
        main_reason=reason,
        tier=tier,
        early_pence=early,
        full_pence=full,
        issued_on=event.issued_on,
        issued_at=_noon(event.issued_on),
        issued_by=NOBODY,
        issued_by_role=NOBODY,
        planned_received_on=receipt.received_on,
        planned_early_deadline=planned.early_deadline,
        planned_final_deadline=planned.final_deadline,
        findings=event.findings,
    )


async def _improvement_notice(tx: Transaction, event: NoticeIssued, sessions: tuple[Session, ...]) -> ImprovementNotice:
    receipt = deemed_receipt(event.issued_on, "first-class-post")
    try:
        period = improvement_period(law_of(event.la_code), receipt.received_on, await load_calendar(tx, event.urn))
    except CalendarMissing as missing:
        raise NotRecoverable("its school's calendar is missing, by which its weeks are counted") from missing
    return ImprovementNotice(
        id=event.notice_id,
        case_id=event.case_id,
        pupil_id=event.pupil_id,
        parent_id=event.parent_id,
        urn=event.urn,
        la_code=event.la_code,
        calendar_urn=event.urn,
        sessions=sessions,
        support_offered=NOT_RECOVERED,
        support_available=NOT_RECOVERED,
        contact=Contact(NOT_RECOVERED),
        expected_improvement=NOT_RECOVERED,
        early_grounds=None,
        issued_on=event.issued_on,
        issued_at=_noon(event.issued_on),
        issued_by=NOBODY,
        issued_by_role=NOBODY,
        planned_served_on=period.served_on,
        planned_starts_on=period.starts_on,
        planned_ends_on=period.ends_on,
        findings=event.findings,
    )


async def _end_improvement(tx: Transaction, event: ImprovementEnded) -> None:
    notice = await find_notice(tx, ImprovementNotice, event.notice_id, lock=True)
    if notice is None:
        raise NotRecoverable("its Notice to Improve is not there")
    await ask_for_review(tx, notice.case_id, clock.today())
    ended = replace(notice, status=event.outcome, ended_on=event.ended_on)
    await save_notice(tx, replace(ended, outcome_reason=NOT_RECOVERED, ended_by=NOBODY, ended_by_role=NOBODY))


async def _receive_payment(tx: Transaction, event: PaymentReceived) -> None:
    notice = await _penalty_notice_of(tx, event.notice_id)
    at = _noon(event.counted_on)
    payment = await find_payment(tx, event.payment_id)
    if payment is None:
        payment = PaymentRow(
            id=derived_id(event.notice_id, "payment", event.payment_id),
            notice_id=event.notice_id,
            provider_payment_id=event.payment_id,
            amount_pence=event.amount_pence,
            state="open",
            return_url="",
            created_on=event.counted_on,
            created_at=at,
            next_attempt_at=at,
        )
        await add_payment(tx, payment)
    await store_money(tx, payment.id, event.amount_pence, event.counted_on)
    if event.revision > notice.revision:
        counted = replace(notice, paid_pence=event.paid_pence, revision=event.revision, paid_revision=event.revision)
        newly_paid = event.discharged and notice.status in UNSETTLED
        await save_notice(tx, replace(counted, status="paid", paid_on=event.counted_on) if newly_paid else counted)


async def _mark_overdue(tx: Transaction, event: PaymentOverdue) -> None:
    notice, served = await _penalty_notice_of(tx, event.notice_id), event.served
    overdue = replace(
        notice,
        status="overdue" if notice.status in UNSETTLED else notice.status,
        method=served.method,
        posted_on=served.posted_on,
        received_on=served.received_on,
        proof_id=served.proof_id,
        served_revision=max(notice.served_revision, 1),
        early_deadline=event.early_deadline,
        final_deadline=event.final_deadline,
        overdue_from=event.overdue_from,
        revision=max(notice.revision, event.revision or 0),
    )
    await save_notice(tx, overdue)


async def _take_back(tx: Transaction, event: NoticeChanged) -> None:
    notice = await _penalty_notice_of(tx, event.notice_id)
    if event.revision <= notice.revision:
        return
    later = event.final_deadline - notice.final_deadline if event.final_deadline and notice.final_deadline else timedelta()
    changed = replace(
        notice,
        status=event.status,
        early_deadline=event.early_deadline,
        final_deadline=event.final_deadline,
        overdue_from=notice.overdue_from and notice.overdue_from + later,
        revision=event.revision,
    )
    await save_notice(tx, changed)


async def _withdraw(tx: Transaction, event: NoticeWithdrawn) -> None:
    notice = await _penalty_notice_of(tx, event.notice_id)
    withdrawn = replace(
        notice,
        status="withdrawn",
        withdrawn_on=event.withdrawn_on,
        withdrawal_ground=event.ground,
        restores=event.restores,
        withdrawal_reason=NOT_RECOVERED,
        withdrawn_by=NOBODY,
        withdrawn_by_role=NOBODY,
    )
    await save_notice(tx, withdrawn)


async def _require_case(tx: Transaction, case_id: UUID) -> None:
    if await cases.find_case(tx, case_id, lock=True) is None:
        raise NotRecoverable("its case is not there")
    await ask_for_review(tx, case_id, clock.today())


async def _penalty_notice_of(tx: Transaction, notice_id: UUID) -> PenaltyNotice:
    notice = await find_notice(tx, PenaltyNotice, notice_id, lock=True)
    if notice is None:
        raise NotRecoverable("its penalty notice is not there")
    await ask_for_review(tx, notice.case_id, clock.today())
    return notice


async def _ask_the_provider(database: Database) -> Sequence[str]:
    """Store the payments of unsettled notices that the provider has and the database does not know."""
    async with database.begin() as tx:
        unsettled = select(penalty_notices.c.reference).where(penalty_notices.c.status.in_(UNSETTLED))
        references = list((await tx.execute(unsettled)).scalars())
    for reference in references:
        try:
            await adopt_payments(database, reference)
        except Problem as refusal:
            return [
                f"the payments at the provider, which could not be searched ({refusal.title()}): run this again before you accept the copy"
            ]
    return []


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), clock.LONDON)
