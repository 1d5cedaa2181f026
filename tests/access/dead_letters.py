"""The routes for operations, which every service has."""

from sqlalchemy import text

from shared.database import Database
from shared.ids import new_id
from tests.access.matrix import Row

DEAD_LETTERS = {
    "GET /v1/backlog": Row(),
    "GET /v1/dead-letters": Row(),
    "POST /v1/dead-letters/{letter_id}/replay": Row(found=409),
    "GET /v1/due-work": Row(),
    "POST /v1/due-work/confirmation": Row({"reason": "A test."}, found=409),
    "POST /v1/dead-letters/{letter_id}/dismissal": Row({"reason": "A test."}),
    "POST /v1/state-publications": Row({}),
    "GET /v1/comparisons": Row(),
}


async def add_dead_letters(database: Database) -> dict[str, object]:
    """Store three dead letters that were dismissed, so that a replay is answered and changes nothing; return their ids by where they are."""
    async with database.begin() as tx:
        add = text("""
            INSERT INTO dead_letters (consumer, event_id, topic, key, type, body, headers, error, attempts, resolved_at, resolution, resolved_by)
            VALUES ('tests', :event_id, 'tests', 'key', 'test.v1', '{}', '{}', 'an error', 1, now(), 'dismissed', 'A test') RETURNING id
        """)
        own, neighbour, elsewhere = [(await tx.execute(add, {"event_id": new_id()})).scalar_one() for _ in range(3)]
    return {"own": own, "neighbour": neighbour, "elsewhere": elsewhere, "absent": 999_999, "malformed": "nonsense"}
