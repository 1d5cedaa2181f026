"""Publish court files again: that they were opened, charged, and how they ended, under the ids that they have."""

from collections.abc import Sequence
from typing import cast, get_args
from uuid import UUID

from services.prosecutions import repository
from services.prosecutions.domain.files import CourtFile, Verdict, acquits
from shared.comparisons import Held, KeyRange, in_one_transaction
from shared.contracts.event import Event
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.database import Transaction
from shared.messaging import publish_many
from shared.messaging.state import Extent, StateKind


async def publish_files(tx: Transaction, _: Extent, keys: Sequence[str]) -> int:
    """Publish files as they stand."""
    events: list[Event] = []
    for key in keys:
        if file := await repository.read_file(tx, UUID(key), lock=True):
            events += _events_of(file)
    return await publish_many(tx, events, anew=True)


def _events_of(file: CourtFile) -> list[Event]:
    events: list[Event] = [ProsecutionFileOpened.of(file, file_id=file.id, agreement_id=file.decision_id)]
    if file.charged_on:
        charged = file.charged_sessions or ()
        events.append(ProsecutionCharged.of(file, file_id=file.id, sessions=charged, charged_on=file.charged_on))
    if file.status == "concluded" and file.outcome in get_args(Verdict):
        decided = {"outcome": file.outcome, "acquitted": acquits(cast("Verdict", file.outcome)), "concluded_on": file.ended_on}
        events.append(ProsecutionConcluded.of(file, file_id=file.id, **decided))
    if file.status in ("withdrawn", "stopped"):
        events.append(ProsecutionWithdrawn.of(file, file_id=file.id, reason=file.outcome, withdrawn_on=file.ended_on))
    return events


STATE = (StateKind("files", repository.find_files, publish_files),)


async def held_files(tx: Transaction, keys: KeyRange) -> list[Held]:
    """Return the notices of which there is a file."""
    return [Held(each, ("file",)) for each in await repository.files_of_notices(tx, keys)]


COMPARISONS = {"files": in_one_transaction(held_files)}
