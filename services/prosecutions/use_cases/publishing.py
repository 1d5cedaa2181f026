"""The events of a court file, each made from the file in one place."""

from collections.abc import Iterable
from datetime import date

from services.prosecutions.domain.evidence import ReliedOnSession
from services.prosecutions.domain.files import CourtFile, Verdict, acquits
from shared import clock
from shared.contracts.event import RelianceSession
from shared.contracts.prosecutions import (
    ProsecutionCharged,
    ProsecutionConcluded,
    ProsecutionFileOpened,
    ProsecutionWithdrawn,
    WithdrawalGround,
)
from shared.database import Transaction
from shared.messaging import publish


async def publish_opened(tx: Transaction, file: CourtFile) -> None:
    """Publish that a draft file exists."""
    event = ProsecutionFileOpened(
        file_id=file.id,
        offence=file.offence,
        case_id=file.case_id,
        pupil_id=file.pupil_id,
        parent_id=file.parent_id,
        notice_ids=file.notice_ids,
        sessions=_sessions(file.sessions),
        safe_limit=file.safe_limit,
        outer_limit=file.outer_limit,
        opened_on=file.opened_on,
    )
    await publish(tx, event)


async def publish_charged(tx: Transaction, file: CourtFile, charged_on: date, sessions: Iterable[ReliedOnSession]) -> None:
    """Publish that a charge was brought, and with which sessions."""
    event = ProsecutionCharged(
        file_id=file.id,
        case_id=file.case_id,
        pupil_id=file.pupil_id,
        parent_id=file.parent_id,
        sessions=_sessions(sessions),
        charged_on=charged_on,
    )
    await publish(tx, event)


async def publish_concluded(tx: Transaction, file: CourtFile, verdict: Verdict, concluded_on: date) -> None:
    """Publish what the court decided."""
    event = ProsecutionConcluded(
        file_id=file.id,
        case_id=file.case_id,
        pupil_id=file.pupil_id,
        parent_id=file.parent_id,
        notice_ids=file.notice_ids,
        outcome=verdict,
        acquitted=acquits(verdict),
        concluded_on=concluded_on,
    )
    await publish(tx, event)


async def publish_withdrawn(tx: Transaction, file: CourtFile, ground: WithdrawalGround) -> None:
    """Publish that the authority gave up a file."""
    event = ProsecutionWithdrawn(
        file_id=file.id,
        case_id=file.case_id,
        pupil_id=file.pupil_id,
        parent_id=file.parent_id,
        notice_ids=file.notice_ids,
        reason=ground,
        withdrawn_on=clock.today(),
    )
    await publish(tx, event)


def _sessions(sessions: Iterable[ReliedOnSession]) -> tuple[RelianceSession, ...]:
    return tuple(RelianceSession.model_validate(each, from_attributes=True) for each in sessions)
