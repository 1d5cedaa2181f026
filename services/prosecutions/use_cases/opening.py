"""A draft file is opened, or brought up to date: for an unpaid notice, or for a referral that the authority agreed to."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.prosecutions import repository
from services.prosecutions.domain import Offence, pounds, time_limits
from services.prosecutions.use_cases.statutes import LAW
from shared import clock
from shared.contracts.event import RelianceSession
from shared.contracts.penalties import CaseDecided, DecisionTaken, ImprovementHistory, PaymentOverdue
from shared.contracts.prosecutions import ProsecutionFileOpened
from shared.database import Transaction
from shared.http.access import ROLES
from shared.ids import new_id
from shared.messaging import publish

Step = tuple[date, str, str | None]


async def open_for_unpaid_notice(tx: Transaction, event: PaymentOverdue) -> None:
    """Open the file of a notice that was not paid by its last day, unless it is paid or withdrawn.

    A draft that is there already is brought up to date where the notice turned out to have been received later than was known.
    """
    await repository.lock_pupil(tx, event.pupil_id)
    if await repository.notice_ended(tx, event.notice_id):
        return
    notice = event.model_dump(
        mode="json",
        include={
            "kind", "reference", "issued_on", "served", "tier", "early_pence", "full_pence", "early_deadline", "final_deadline",
            "overdue_from", "paid_pence", "offence",
        },
    )  # fmt: skip
    before = await repository.file_of_notice(tx, event.notice_id)
    if before is not None:
        if before.status == "draft" and before.notice["served"]["proof_id"] != str(event.served.proof_id):
            limits = time_limits((each.date for each in event.sessions), LAW)
            findings = [*event.findings, *(each.as_json() for each in limits.findings)]
            await repository.update_notice(tx, before.id, notice, findings)
            await repository.add_entries(tx, before.id, _steps_of_payment(event))
        return
    offence: Offence = "s103" if event.kind == "excluded-pupil-notice" else "s444"
    steps = [*_steps_of_case(event.decisions, event.improvement_notices), *_steps_of_notice(event), *_steps_of_payment(event)]
    await _open(
        tx,
        event,
        offence,
        event.parent_id,
        event.sessions,
        event.findings,
        steps,
        event.improvement_notices,
        notice_id=event.notice_id,
        notice=notice,
    )
    await hold_on_outdated_service(tx, event.notice_id)


async def open_for_referral(tx: Transaction, event: CaseDecided) -> None:
    """Open a file for each parent whose prosecution, without a penalty notice, the authority agreed to."""
    if not (event.stage == "agreement" and event.agreed and event.recommendation == "prosecution"):
        return
    await repository.lock_pupil(tx, event.pupil_id)
    agreed: Step = (event.decided_on, "The authority agrees to a prosecution", _title(event.decided_by_role))
    for parent_id in event.parent_ids:
        warned = [each for each in event.improvement_notices if each.parent_id in (None, parent_id)]
        decisions = [each for each in event.decisions if not each.parent_ids or parent_id in each.parent_ids]
        steps = [*_steps_of_case(decisions, warned), agreed]
        await _open(tx, event, "s444", parent_id, event.sessions, event.findings, steps, warned, decision_id=event.decision_id)


async def hold_on_outdated_service(tx: Transaction, notice_id: UUID) -> None:
    """Hold the file of a notice that was received later than the file says, or whose letter came back: the time for paying is not over."""
    file = await repository.file_of_notice(tx, notice_id)
    if file is None or file.status not in ("draft", "charged"):
        return
    outdated = await repository.outdated_service(tx, file)
    if outdated and await repository.hold(tx, file.id, outdated.cause, outdated.subject, clock.today()):
        await repository.add_entries(tx, file.id, [(clock.today(), f"Held: {outdated.cause[:1].lower()}{outdated.cause[1:]}", None)])


async def _open(
    tx: Transaction,
    event: PaymentOverdue | CaseDecided,
    offence: Offence,
    parent_id: UUID,
    sessions: Sequence[RelianceSession],
    findings: Iterable[dict[str, Any]],
    steps: Sequence[Step],
    improvement_notices: Sequence[ImprovementHistory],
    *,
    notice_id: UUID | None = None,
    decision_id: UUID | None = None,
    notice: dict[str, Any] | None = None,
) -> None:
    ordered = sorted(sessions, key=lambda each: (each.date, each.session, each.urn))
    limits = time_limits((each.date for each in ordered), LAW)
    file_id, today = new_id(), clock.today()
    opened = await repository.add_file(
        tx,
        id=file_id,
        offence=offence,
        status="draft",
        case_id=event.case_id,
        pupil_id=event.pupil_id,
        parent_id=parent_id,
        urn=event.urn,
        la_code=event.la_code,
        notice_id=notice_id,
        decision_id=decision_id,
        notice=notice,
        improvement_notices=[each.model_dump(mode="json") for each in improvement_notices],
        sessions=[each.model_dump(mode="json") for each in ordered],
        safe_limit=limits.safe_limit,
        outer_limit=limits.outer_limit,
        findings=[*findings, *(each.as_json() for each in limits.findings)],
        opened_on=today,
    )
    if not opened:
        return
    both_ends: list[Step] = [
        (ordered[0].date, f"First session relied on ({ordered[0].session}, code {ordered[0].code})", None),
        (ordered[-1].date, f"Last session relied on ({ordered[-1].session}, code {ordered[-1].code})", None),
    ]
    await repository.add_entries(tx, file_id, [*both_ends, *steps, (today, "Draft file opened", None)])
    await _hold_where_marks_changed(tx, file_id, event.pupil_id, ordered, today)
    await publish(
        tx,
        ProsecutionFileOpened(
            file_id=file_id,
            offence=offence,
            case_id=event.case_id,
            pupil_id=event.pupil_id,
            parent_id=parent_id,
            notice_ids=(notice_id,) if notice_id else (),
            sessions=tuple(ordered),
            safe_limit=limits.safe_limit,
            outer_limit=limits.outer_limit,
            opened_on=today,
        ),
    )


async def _hold_where_marks_changed(
    tx: Transaction, file_id: UUID, pupil_id: UUID, sessions: Sequence[RelianceSession], today: date
) -> None:
    """A mark may have changed before the file was there to be held."""
    versions = {(each.urn, each.date, each.session): each.version for each in sessions}
    for change in await repository.mark_changes_of(tx, pupil_id):
        if change.version > versions.get((change.urn, change.date, change.session), change.version):
            cause, subject = mark_changed(change.urn, change.date, change.session, change.version)
            await repository.hold(tx, file_id, cause, subject, today)


def mark_changed(urn: int, day: date, session: str, version: int) -> tuple[str, str]:
    """Return cause and subject of a hold because a mark that is relied on changed."""
    return f"The mark of {day} {session} changed", f"mark {urn} {day} {session} {version}"


def _steps_of_case(decisions: Iterable[DecisionTaken], improvement_notices: Iterable[ImprovementHistory]) -> list[Step]:
    """Return the steps of a case. Those of one day are told in this order: how a Notice to Improve ended, what was decided, what was issued."""
    issued: list[Step] = []
    ended: list[Step] = []
    for notice in improvement_notices:
        issued += _steps_of_improvement(notice)
        if notice.outcome_on:
            told = issued if notice.outcome_on == notice.issued_on else ended
            told.append((notice.outcome_on, f"Outcome of the Notice to Improve: {notice.outcome}", None))
    return [*ended, *((each.on, each.what[:1].upper() + each.what[1:], _title(each.by_role)) for each in decisions), *issued]


def _steps_of_improvement(notice: ImprovementHistory) -> list[Step]:
    steps: list[Step] = [(notice.issued_on, "Notice to Improve issued", None)]
    if notice.served:
        steps.append((notice.served.posted_on, f"Notice to Improve sent ({notice.served.method})", None))
        steps.append((notice.served.received_on, "Notice to Improve received", None))
    if notice.starts_on and notice.ends_on:
        steps += [(notice.starts_on, "Improvement period begins", None), (notice.ends_on, "Improvement period ends", None)]
    return steps


def _steps_of_notice(event: PaymentOverdue) -> list[Step]:
    return [(event.issued_on, f"Penalty notice {event.reference} issued", None)]


def _steps_of_payment(event: PaymentOverdue) -> list[Step]:
    name = f"Penalty notice {event.reference}"
    steps: list[Step] = [
        (event.served.posted_on, f"{name} sent ({event.served.method})", None),
        (event.served.received_on, f"{name} received", None),
    ]
    if event.early_pence < event.full_pence:
        steps.append((event.early_deadline, f"Last day to pay {pounds(event.early_pence)}", None))
    return [
        *steps,
        (event.final_deadline, f"Last day to pay {pounds(event.full_pence)}", None),
        (event.overdue_from, f"{name} overdue, {pounds(event.paid_pence)} paid", None),
    ]


def _title(role: str) -> str:
    return ROLES.get(role, role)
