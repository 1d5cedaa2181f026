"""Publish cases again with everything that was decided, issued, paid and withdrawn in them, under the ids and revisions that they have."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.penalties.case_file.domain.facts import Case
from services.penalties.case_file.domain.notices import PenaltyNotice
from services.penalties.case_file.repository.cases import agreements_of, decisions_of, find_case
from services.penalties.case_file.repository.matters import review_of
from services.penalties.case_file.repository.notices import improvement_notices_of
from services.penalties.decisions.domain import refers
from services.penalties.decisions.use_cases import agreement_answered, decision_taken
from services.penalties.money.repository import counted_payment
from services.penalties.money.use_cases import settlement_of
from services.penalties.notices.use_cases.overdue import notice_changed, payment_overdue, why_not_overdue
from services.penalties.notices.use_cases.settle import payment_received
from services.penalties.state import repository
from shared.contracts.event import Event
from shared.contracts.penalties import CaseClosed, CaseOpened, ImprovementEnded, NoticeIssued, NoticeWithdrawn
from shared.database import Transaction
from shared.messaging import publish_many
from shared.messaging.state import Extent, StateKind


async def publish_cases(tx: Transaction, _: Extent, keys: Sequence[str]) -> int:
    """Publish cases in the order in which their events happened: what is issued before what became of it."""
    events: list[Event] = []
    for key in keys:
        if case := await find_case(tx, UUID(key), lock=True):
            review = await review_of(tx, case.id)
            events.append(CaseOpened.of(case, case_id=case.id))
            events += await _decisions(tx, case)
            events += await _notices(tx, case)
            if case.status == "closed":
                events.append(CaseClosed.of(case, case_id=case.id, revision=review.revision))
            elif review.revision > 1:
                events.append(CaseOpened.of(case, case_id=case.id, revision=review.revision))
    return await publish_many(tx, events, anew=True)


async def _decisions(tx: Transaction, case: Case) -> list[Event]:
    """Return what was decided and answered. A referral to court of which the evidence was not kept is left out: it cannot be made again."""
    taken: list[tuple[datetime, Event]] = [(each.decided_at, decision_taken(case, each)) for each in await decisions_of(tx, case.id)]
    answers = [each for each in await agreements_of(tx, case.id) if each.referred_sessions or not refers(each.agreed, each.recommendation)]
    taken += [(each.agreed_at, await agreement_answered(tx, case, each)) for each in answers]
    return [event for _, event in sorted(taken, key=lambda each: each[0])]


async def _notices(tx: Transaction, case: Case) -> list[Event]:
    improvement, penalty = await improvement_notices_of(tx, case.id), await repository.penalty_notices_of(tx, case.id)
    events: list[Event] = [NoticeIssued.of(each, notice_id=each.id) for each in (*improvement, *penalty)]
    events += [ImprovementEnded.of(each, notice_id=each.id, outcome=each.status) for each in improvement if each.ended_on]
    for notice in penalty:
        events += await _what_became_of(tx, notice)
    return events


async def _what_became_of(tx: Transaction, notice: PenaltyNotice) -> list[Event]:
    events: list[Event] = []
    payment = await counted_payment(tx, notice.id, None) if notice.paid_revision else None
    if payment:
        events.append(payment_received(notice, payment, await settlement_of(tx, notice)))
    if why := why_not_overdue(notice):
        events.append(await notice_changed(tx, notice, why))
    if notice.status == "overdue":
        events.append(await payment_overdue(tx, notice))
    if notice.status == "withdrawn":
        events.append(NoticeWithdrawn.of(notice, notice_id=notice.id, ground=notice.withdrawal_ground))
    return events


STATE = (StateKind("cases", repository.find_cases, publish_cases, 50),)
