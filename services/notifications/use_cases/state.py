"""Publish again that notices were served, by the proof that stands now with its revision, and that letters came back."""

from collections.abc import Sequence
from uuid import UUID

from services.notifications import repository
from services.notifications.use_cases.letters.post import notice_served
from services.notifications.use_cases.letters.returns import letter_returned
from shared.comparisons import Held, KeyRange, in_one_transaction
from shared.contracts.event import Event
from shared.database import Transaction
from shared.messaging import publish_many
from shared.messaging.state import Extent, StateKind


async def publish_letters(tx: Transaction, _: Extent, keys: Sequence[str]) -> int:
    """Publish letters, themselves notices, as they stand."""
    events: list[Event] = []
    for key in keys:
        letter = await repository.read_letter(tx, UUID(key), lock=True)
        if letter is None:
            continue
        if proofs := await repository.proofs_of(tx, letter.id):
            events.append(notice_served(letter, proofs[-1], len(proofs)))
        if letter.returned_on:
            events.append(letter_returned(letter, letter.returned_on))
    return await publish_many(tx, events, anew=True)


STATE = (StateKind("letters", repository.find_notice_letters, publish_letters),)


async def held_letters(tx: Transaction, keys: KeyRange) -> list[Held]:
    """Return the notices of which there is a letter, and of which kind."""
    return [Held(row.id, (row.kind,)) for row in await repository.notices_with_letters(tx, keys)]


async def held_proofs(tx: Transaction, keys: KeyRange) -> list[Held]:
    """Return the notices that were served, with the revision of their last proof."""
    return [Held(row.id, (f"revision {row.revision}",)) for row in await repository.proven_notices(tx, keys)]


COMPARISONS = {"letters": in_one_transaction(held_letters), "proofs": in_one_transaction(held_proofs)}
