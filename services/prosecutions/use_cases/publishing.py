"""The events of a court file, each made from the file in one place."""

from collections.abc import Iterable
from datetime import date

from services.prosecutions.domain.evidence import ReliedOnSession
from services.prosecutions.domain.files import CourtFile, Verdict, acquits
from shared import clock
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
    await publish(tx, ProsecutionFileOpened.of(file, file_id=file.id))


async def publish_charged(tx: Transaction, file: CourtFile, charged_on: date, sessions: Iterable[ReliedOnSession]) -> None:
    """Publish that a charge was brought, and with which sessions."""
    await publish(tx, ProsecutionCharged.of(file, file_id=file.id, sessions=tuple(sessions), charged_on=charged_on))


async def publish_concluded(tx: Transaction, file: CourtFile, verdict: Verdict, concluded_on: date) -> None:
    """Publish what the court decided."""
    decided = {"outcome": verdict, "acquitted": acquits(verdict), "concluded_on": concluded_on}
    await publish(tx, ProsecutionConcluded.of(file, file_id=file.id, **decided))


async def publish_withdrawn(tx: Transaction, file: CourtFile, ground: WithdrawalGround) -> None:
    """Publish that the authority gave up a file."""
    await publish(tx, ProsecutionWithdrawn.of(file, file_id=file.id, reason=ground, withdrawn_on=clock.today()))
