"""Events that a service has handled and no service has: a database and the log of events went back to old copies together.

Each alone is noticed by comparing the two. Both of the same age agree with each other, and only who read on from them knows more.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text

from shared.database import Database

PAGE = 2_000
"""Events that are looked for at once, and at all unless everything is compared."""

# An outbox keeps an event for seven days after it was published, which is before anybody received it. Ids of version 7 alone are events of services.
_HANDLED = text("""
    SELECT event_id, received_at FROM inbox
    WHERE received_at > now() - interval '6 days' AND (received_at, event_id) < (:before, CAST(:event_id AS uuid))
      AND substring(CAST(event_id AS text) FROM 15 FOR 1) = '7'
    ORDER BY received_at DESC, event_id DESC LIMIT :limit
""")
_STORED = text("SELECT event_id FROM outbox WHERE event_id = ANY(:ids)")
_FROM_THE_END = datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1)


async def find_lost_events(reader: Database, publishers: Sequence[Database], *, full: bool) -> dict[UUID, datetime]:
    """Return the events of the last days that a service has handled and no publisher's outbox holds, with when it received them."""
    lost: dict[UUID, datetime] = {}
    before, event_id = _FROM_THE_END
    while True:
        async with reader.begin() as tx:
            rows = (await tx.execute(_HANDLED, {"before": before, "event_id": event_id, "limit": PAGE})).all()
        handled = {row.event_id: row.received_at for row in rows}
        for publisher in publishers:
            if missing := handled.keys():
                async with publisher.begin() as tx:
                    for stored in (await tx.execute(_STORED, {"ids": list(missing)})).scalars():
                        del handled[stored]
        lost |= handled
        if not full or len(rows) < PAGE:
            return lost
        event_id, before = rows[-1]


def describe_lost_events(lost: dict[UUID, datetime], topics: Sequence[str]) -> str | None:
    """Return what the doctor prints about such events; None where there are none."""
    if not lost:
        return None
    times = sorted(lost.values())
    return (
        f"{len(lost)} events that it received from {times[0]:%Y-%m-%d %H:%M:%S} to {times[-1]:%Y-%m-%d %H:%M:%S} UTC are in no outbox: a database "
        f"({' or '.join(topics)}) and the log went back together. Bring the newer copies (docs/operations.md)"
    )
