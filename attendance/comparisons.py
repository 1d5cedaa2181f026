"""What two services hold of one fact, compared thing by thing through their APIs: the same way embedded and where they are deployed apart."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from attendance.http import Refused
from shared.http.comparisons import HeldFact
from shared.ids import new_id

Lines = tuple[str, ...]
NOTHING = UUID(int=0)
SAMPLES = 4
"""Pieces of a fact that are looked at where not all of it is."""
LOOKS, PAUSE = 5, 1.0
"""How often what differs is looked at again before it is reported, and seconds between: an event may be on its way."""
SHOWN = 3
"""Differing things that a report names."""


class Reader(Protocol):
    """What asks a service's API: `attendance.http.Product`."""

    async def get(self, service: str, path: str, model: type[HeldFact], *, role: str = "manager") -> HeldFact:
        """Return a service's response at a path. Raise Refused."""


def _same(one: Lines, other: Lines) -> bool:
    return one == other


def _same_marks(recorded: Lines, stored: Lines) -> bool:
    """Return whether each mark is stored under a version that has its code: other minutes alone make one that is not published."""
    if len(recorded) != len(stored):
        return False
    for one, other in zip(recorded, stored, strict=True):
        mark, versions = one.rsplit(" ", 1)
        stored_mark, version = other.rsplit(" ", 1)
        first, last = versions.split("-")
        if mark != stored_mark or not int(first) <= int(version) <= int(last):
            return False
    return True


@dataclass(frozen=True, slots=True)
class Comparison:
    """A fact that two services hold: by which name each, what heals a difference, and whether the second may hold more things."""

    title: str
    one: tuple[str, str]
    other: tuple[str, str]
    healed_by: str
    same: Callable[[Lines, Lines], bool] = _same
    other_may_hold_more: bool = False
    limit: int = 100


COMPARISONS = (
    Comparison(
        "registers and thresholds hold the same marks of absence",
        ("registers", "marks"),
        ("thresholds", "marks"),
        "`attendance replay --state registers --pupil {id} --by PERSON`",
        _same_marks,
        limit=25,
    ),
    Comparison(
        "penalties and thresholds hold the same notices with the same sessions",
        ("penalties", "notices"),
        ("thresholds", "notices"),
        "`attendance replay --state penalties --by PERSON`",
    ),
    Comparison(
        "each notice of penalties has its letter in notifications",
        ("penalties", "letters"),
        ("notifications", "letters"),
        "`attendance replay --state penalties --by PERSON`",
    ),
    Comparison(
        "penalties has read each run of thresholds up to its last revision",
        ("thresholds", "runs"),
        ("penalties", "runs"),
        "`attendance replay --state thresholds --by PERSON`",
        other_may_hold_more=True,
    ),
    Comparison(
        "penalties has the proof of each notice that notifications knows to be served",
        ("notifications", "proofs"),
        ("penalties", "proofs"),
        "`attendance replay --state notifications --by PERSON`",
        other_may_hold_more=True,
    ),
    Comparison(
        "thresholds knows each closed case of penalties",
        ("penalties", "closed-cases"),
        ("thresholds", "closed-cases"),
        "`attendance replay --state penalties --by PERSON`",
        other_may_hold_more=True,
    ),
    Comparison(
        "each overdue notice of penalties has its file in prosecutions",
        ("penalties", "overdue-notices"),
        ("prosecutions", "files"),
        "`attendance replay --state penalties --by PERSON`",
        other_may_hold_more=True,
    ),
    Comparison(
        "the ledger has the payments that succeeded at the provider",
        ("penalties", "ledger"),
        ("penalties", "provider"),
        "a person, who looks at the payment at the provider: no command changes the ledger",
        limit=20,
    ),
)


async def compare(product: Reader, comparison: Comparison, *, full: bool, progress: Callable[[int], None] = lambda _: None) -> str | None:
    """Return None where two services hold the same, or what differs still after several looks, by ids alone. Raise Refused.

    `progress` is called with how many things have been compared; with `full` these are all, otherwise some pieces.
    """
    differing: set[UUID] = set()
    compared = 0
    async for one, other in _pieces(product, comparison, full=full):
        compared += len(one.keys() | other.keys())
        progress(compared)
        differing |= _differing(comparison, one, other)
    for _ in range(LOOKS):
        if not differing:
            return None
        await asyncio.sleep(PAUSE)
        differing = {each for each in sorted(differing) if await _differs(product, comparison, each)}
    if not differing:
        return None
    named = sorted(differing)[:SHOWN]
    healed = comparison.healed_by.format(id=named[0])
    return f"{len(differing)} of {compared:,} differ, such as {', '.join(map(str, named))}: heal by {healed}, unless events wait to be read"


async def _pieces(
    product: Reader, comparison: Comparison, *, full: bool
) -> AsyncIterator[tuple[Mapping[UUID, Lines], Mapping[UUID, Lines]]]:
    """Yield what both hold of the same ranges of ids: of every one, or of some that begin anywhere."""
    for start in [NOTHING] if full else await _starts(product, comparison):
        after = start
        while True:
            one, until = await _held(product, comparison.one, after, None, comparison.limit)
            other: dict[UUID, Lines] = {}
            begin: UUID | None = after
            while begin is not None:
                more, begin = await _held(product, comparison.other, begin, until, comparison.limit)
                other |= more
                if not full and until is None:
                    break
            yield one, other
            if until is None or not full:
                break
            after = until


async def _starts(product: Reader, comparison: Comparison) -> Sequence[UUID]:
    """Return where to begin: at the first thing, and anywhere between it and now, since ids sort by the time they were made."""
    first, _ = await _held(product, comparison.one, NOTHING, None, 1)
    if not first:
        return [NOTHING]
    low, high = min(first).int, new_id().int
    anywhere = [random.randint(low, high) for _ in range(SAMPLES - 1)] if low < high else []  # noqa: S311 -- a sample
    return [NOTHING, *(UUID(int=each) for each in anywhere)]


async def _differs(product: Reader, comparison: Comparison, thing: UUID) -> bool:
    before = UUID(int=thing.int - 1)
    one, _ = await _held(product, comparison.one, before, thing, 1)
    other, _ = await _held(product, comparison.other, before, thing, 1)
    return bool(_differing(comparison, one, other))


def _differing(comparison: Comparison, one: Mapping[UUID, Lines], other: Mapping[UUID, Lines]) -> set[UUID]:
    concerned = one.keys() if comparison.other_may_hold_more else one.keys() | other.keys()
    return {each for each in concerned if not comparison.same(one.get(each, ()), other.get(each, ()))}


async def _held(
    product: Reader, fact: tuple[str, str], after: UUID, until: UUID | None, limit: int
) -> tuple[dict[UUID, Lines], UUID | None]:
    service, name = fact
    path = f"/v1/comparisons?fact={name}&after={after}&limit={limit}" + (f"&until={until}" if until else "")
    try:
        found = await product.get(service, path, HeldFact, role="service")
    except Refused as refusal:
        raise Refused(f"{service} could not be asked what it holds: {refusal}") from refusal
    return {each.id: tuple(each.lines) for each in found.items}, found.next
