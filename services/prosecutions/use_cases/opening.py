"""A draft file is opened: for an unpaid notice, or for a referral that the authority agreed to."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.prosecutions import repository
from services.prosecutions.domain import Offence, pounds, time_limits
from services.prosecutions.use_cases.statutes import LAW
from shared import clock
from shared.contracts.event import RelianceSession
from shared.contracts.penalties import CaseDecided, ImprovementHistory, PaymentOverdue
from shared.contracts.prosecutions import ProsecutionFileOpened
from shared.database import Transaction
from shared.ids import new_id
from shared.messaging import emit

Step = tuple[date, str, str | None]


async def open_for_unpaid_notice(tx: Transaction, event: PaymentOverdue) -> None:
    """Open the file of a notice that was not paid by its last day, unless it is paid or withdrawn, or has its file."""
    await repository.lock_pupil(tx, event.pupil_id)
    if await repository.notice_ended(tx, event.notice_id):
        return
    notice = event.model_dump(
        mode="json",
        include={
            "kind", "reference", "issued_on", "served", "tier", "early_pence", "full_pence", "early_deadline", "final_deadline",
            "overdue_from", "paid_pence", "offence", "improvement_notices",
        },
    )  # fmt: skip
    offence: Offence = "s103" if event.kind == "excluded-pupil-notice" else "s444"
    steps = [*_steps_of_case(event), *_steps_of_notice(event)]
    await _open(tx, event, offence, event.parent_id, event.sessions, event.findings, steps, notice_id=event.notice_id, notice=notice)


async def open_for_referral(tx: Transaction, event: CaseDecided) -> None:
    """Open a file for each parent whose prosecution, without a penalty notice, the authority agreed to."""
    if not (event.stage == "agreement" and event.agreed and event.recommendation == "prosecution"):
        return
    await repository.lock_pupil(tx, event.pupil_id)
    steps: list[Step] = [(event.decided_on, "The authority agrees to a prosecution", event.decided_by_role)]
    for parent_id in event.parent_ids:
        await _open(tx, event, "s444", parent_id, event.sessions, event.findings, steps, decision_id=event.decision_id)


async def _open(
    tx: Transaction,
    event: PaymentOverdue | CaseDecided,
    offence: Offence,
    parent_id: UUID,
    sessions: Sequence[RelianceSession],
    findings: Iterable[dict[str, Any]],
    steps: Sequence[Step],
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
    await emit(
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


def _steps_of_case(event: PaymentOverdue) -> list[Step]:
    steps: list[Step] = [(each.on, each.what[:1].upper() + each.what[1:], each.by_role) for each in event.decisions]
    for earlier in event.improvement_notices:
        steps += _steps_of_improvement(earlier)
    return steps


def _steps_of_improvement(notice: ImprovementHistory) -> list[Step]:
    steps: list[Step] = [(notice.issued_on, "Notice to Improve issued", None)]
    if notice.served:
        steps.append((notice.served.posted_on, f"Notice to Improve sent ({notice.served.method})", None))
        steps.append((notice.served.received_on, "Notice to Improve received", None))
    if notice.starts_on and notice.ends_on:
        steps += [(notice.starts_on, "Improvement period begins", None), (notice.ends_on, "Improvement period ends", None)]
    if notice.outcome_on:
        steps.append((notice.outcome_on, f"Outcome of the Notice to Improve: {notice.outcome}", None))
    return steps


def _steps_of_notice(event: PaymentOverdue) -> list[Step]:
    name = f"Penalty notice {event.reference}"
    steps: list[Step] = [
        (event.issued_on, f"{name} issued", None),
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
