"""What a service holds, published again as the events that it was first published by, with the versions it has.

A reader who has it applies nothing, since it is not newer; one who missed an event has then what that event would have brought.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import dropwhile
from uuid import UUID

from sqlalchemy import TextClause, text

from shared.database import Transaction
from shared.problems import Invalid, Unavailable

MOST_UNPUBLISHED = 5_000
"""Events waiting in the outbox above which no more are added: those of today are not to wait behind those of a year."""

_UNPUBLISHED = text("SELECT count(*) FROM (SELECT FROM outbox WHERE published_at IS NULL LIMIT :limit) AS waiting")


class OutboxFull(Unavailable):
    """So many events wait to be published that no more are added now."""


class NoSuchState(Invalid):
    """The service has no state of this name to go on with."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Which part of a state: what is about days of a period, a school, a pupil. None does not narrow; what has no day is in every period."""

    first: date | None = None
    last: date | None = None
    school: int | None = None
    pupil_id: UUID | None = None

    def parameters(self) -> dict[str, date | int | UUID | None]:
        """Return the values that a statement binds."""
        return {"first": self.first or date.min, "last": self.last or date.max, "school": self.school, "pupil": self.pupil_id}


async def find_keys(tx: Transaction, statement: TextClause, extent: Extent, limit: int, **after: object) -> Sequence[str]:
    """Return the keys that a statement finds: it binds `limit`, what `after` names and, as far as it has them, the parts of the extent."""
    narrowing = {name: value for name, value in extent.parameters().items() if f":{name}" in statement.text}
    return (await tx.execute(statement, {**narrowing, **after, "limit": limit})).scalars().all()


def id_of(key: str) -> UUID:
    """Return the id that a key is, for the empty one that before every other; raise ValueError where it is none."""
    return UUID(key) if key else UUID(int=0)


@dataclass(frozen=True, slots=True)
class StateKind:
    """One kind of state of a service, such as its marks: in pieces of so many keys."""

    name: str
    find: Callable[[Transaction, Extent, str, int], Awaitable[Sequence[str]]]
    """Returns so many keys of what there is, in their order, after one of them (empty: from the first)."""
    publish: Callable[[Transaction, Extent, Sequence[str]], Awaitable[int]]
    """Locks what has these keys, publishes it as it stands, and returns the number of events."""
    batch: int = 100


@dataclass(frozen=True, slots=True)
class StatePiece:
    """How many events were published again, of which kind of state, and from where to go on (None at the end)."""

    kind: str | None
    published: int
    next: str | None


async def publish_piece(tx: Transaction, kinds: Sequence[StateKind], extent: Extent, after: str | None) -> StatePiece:
    """Publish the next piece of a state again, beginning `after` what the piece before returned.

    Raise OutboxFull, or NoSuchState where it returned none such. The kinds follow each other as they are listed: what others are judged by comes first.
    """
    if not kinds:
        return StatePiece(None, 0, None)
    if ((await tx.execute(_UNPUBLISHED, {"limit": MOST_UNPUBLISHED + 1})).scalar() or 0) > MOST_UNPUBLISHED:
        raise OutboxFull
    name, _, key = (after or f"{kinds[0].name}:").partition(":")
    rest = [*dropwhile(lambda each: each.name != name, kinds)]
    if not rest:
        raise NoSuchState
    kind, *following = rest
    try:
        keys = await kind.find(tx, extent, key, kind.batch)
    except ValueError:  # a key of another form
        raise NoSuchState from None
    published = await kind.publish(tx, extent, keys) if keys else 0
    if len(keys) == kind.batch:
        return StatePiece(name, published, f"{name}:{keys[-1]}")
    return StatePiece(name, published, f"{following[0].name}:" if following else None)
