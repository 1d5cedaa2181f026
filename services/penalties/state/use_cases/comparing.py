"""What penalties holds of runs, notices, proofs, letters, cases, files and money, for comparison with those who hold it too."""

from uuid import UUID

import orjson

from services.penalties.payments.clients import pay
from services.penalties.state import repository
from shared.comparisons import Held, KeyRange, in_one_transaction
from shared.database import Database, Transaction


async def held_notices(tx: Transaction, keys: KeyRange) -> list[Held]:
    """Return the notices, with the sessions they rely on."""
    found = []
    for row in await repository.notices(tx, keys):
        sessions = sorted(orjson.loads(row.sessions), key=lambda each: (each["date"], each["session"], each["urn"]))
        lines = [f"{each['date']} {each['session']} {each['urn']} {each['code']} {each['version']}" for each in sessions]
        found.append(Held(row.id, (row.kind, f"withdrawn {row.withdrawn_on}", *lines)))
    return found


async def held_letters(tx: Transaction, keys: KeyRange) -> list[Held]:
    """Return the notices, of each of which there must be a letter of its kind."""
    return [Held(row.id, (row.kind,)) for row in await repository.notices(tx, keys)]


async def held_runs(tx: Transaction, keys: KeyRange) -> list[Held]:
    """Return the runs, with the revision that was read last."""
    return [Held(row.id, (f"revision {row.revision}",)) for row in await repository.runs(tx, keys)]


async def held_proofs(tx: Transaction, keys: KeyRange) -> list[Held]:
    """Return the notices that were served, with the revision of their proof."""
    return [Held(row.id, (f"revision {row.revision}",)) for row in await repository.proofs(tx, keys)]


async def held_closed_cases(tx: Transaction, keys: KeyRange) -> list[Held]:
    """Return the closed cases, and since when they are."""
    return [Held(row.id, (f"closed {row.closed_on}",)) for row in await repository.closed_cases(tx, keys)]


async def overdue_notices(tx: Transaction, keys: KeyRange) -> list[Held]:
    """Return the overdue notices, of each of which there must be a file."""
    return [Held(each, ("file",)) for each in await repository.overdue_notices(tx, keys)]


async def ledger(tx: Transaction, keys: KeyRange) -> list[Held]:
    """Return the penalty notices, with the payments whose money was taken."""
    return [Held(row.id, tuple(row.taken or ())) for row in await repository.ledger(tx, keys)]


async def held_by_provider(database: Database, keys: KeyRange) -> list[Held]:
    """Return the same notices with the payments that succeeded at the provider, who is asked for each of them by its reference."""
    async with database.begin() as tx:
        rows = await repository.ledger(tx, keys)
    return [Held(row.id, await _succeeded(row.id, row.reference)) for row in rows]


async def _succeeded(notice_id: UUID, reference: str) -> tuple[str, ...]:
    found = [each for each in await pay.search(reference) if each.succeeded and each.opened_for and each.opened_for[0] == notice_id]
    return tuple(sorted(f"{each.payment_id} {each.amount}" for each in found))


COMPARISONS = {
    "notices": in_one_transaction(held_notices),
    "letters": in_one_transaction(held_letters),
    "runs": in_one_transaction(held_runs),
    "proofs": in_one_transaction(held_proofs),
    "closed-cases": in_one_transaction(held_closed_cases),
    "overdue-notices": in_one_transaction(overdue_notices),
    "ledger": in_one_transaction(ledger),
    "provider": held_by_provider,
}
