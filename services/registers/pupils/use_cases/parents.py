"""Proposed matches of parents, and a pupil's people for a letter or a file."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.registers.pupils.repository import parents
from services.registers.pupils.schemas.people import MatchContact, MatchDecision, MatchOut, MatchPerson
from services.registers.pupils.use_cases.publishing import say_parents_of
from shared.database import ALL_ROWS, Transaction
from shared.http import CallerInfo
from shared.problems import Conflict, Forbidden, Invalid, NotFound


class MatchNotFound(NotFound):
    """There is no such match."""


class MatchDecided(Conflict):
    """The match has been decided otherwise."""


class MatchUndecided(Conflict):
    """The match awaits its first answer."""


class MatchBuiltUpon(Conflict):
    """Another decision rests on this one."""


async def read_open_matches(tx: Transaction, after: str | None, limit: int, la_code: str | None) -> list[MatchOut]:
    """Return up to `limit + 1` matches that await an officer, the oldest first."""
    try:
        start = UUID(after) if after else None
    except ValueError:
        raise Invalid("`after` is the `next` of the page before.") from None
    await ALL_ROWS.apply(tx)  # one of the two may be known in another area alone
    return await _shown(tx, await parents.open_matches(tx, start, limit + 1, la_code))


async def decide_match(tx: Transaction, match_id: UUID, body: MatchDecision, caller: CallerInfo) -> MatchOut:
    """Store a named officer's answer; if it is one person, all contacts of both belong to the older record from now on."""
    who = caller.person()
    match = await _held(tx, match_id, caller)
    answer = "same" if body.same else "different"
    if match.status == "open":
        affected = await parents.pupils_of(tx, [match.one, match.other])
        merged: dict[str, Any] = {}
        if body.same and match.one != match.other:
            merged = await parents.merge(tx, min(match.one, match.other), max(match.one, match.other), who)
        values = {"status": answer, "decided_by": who, "role": caller.role, "reason": body.reason, **merged}
        await parents.decide(tx, match_id, values)
        await say_parents_of(tx, affected)
    elif match.status != answer:
        raise MatchDecided(f"It was decided: {match.status}. Undo that first.")
    return await _as_it_stands(tx, match_id)


async def undo_match(tx: Transaction, match_id: UUID, reason: str, caller: CallerInfo) -> MatchOut:
    """Take an officer's answer back: what was put together is taken apart, and the match awaits an answer again."""
    who = caller.person()
    match = await _held(tx, match_id, caller)
    if match.status == "open":
        raise MatchUndecided
    if match.moved and await parents.moved_later(tx, match):
        raise MatchBuiltUpon("A match that was confirmed later rests on this one: undo that first.")
    affected = await parents.pupils_of(tx, [match.one, match.other])
    if match.absorbed:
        await parents.unmerge(tx, match, who)
    await parents.reopen(tx, match_id, reason, who, caller.role)
    await say_parents_of(tx, affected)
    return await _as_it_stands(tx, match_id)


async def _held(tx: Transaction, match_id: UUID, caller: CallerInfo) -> Row[Any]:
    """Return a match of the caller's area, and let nobody else decide about either person."""
    await ALL_ROWS.apply(tx)  # the two, their children and what was merged before are of several schools
    match = await parents.match(tx, match_id)
    if match is None:
        raise MatchNotFound
    known = await parents.known_as(tx, [match.one, match.other])
    if caller.la_code and caller.la_code not in {row.la_code for row in known}:
        raise Forbidden("Neither of the two is known to a school of this authority.")
    # Another decision about one of the two may have come first: look again once nobody else can.
    await parents.lock_names(tx, [row.name_key for row in known])
    match = await parents.match(tx, match_id)
    assert match is not None  # noqa: S101 -- found above
    return match


async def _as_it_stands(tx: Transaction, match_id: UUID) -> MatchOut:
    match = await parents.match(tx, match_id)
    assert match is not None  # noqa: S101 -- held
    return (await _shown(tx, [match]))[0]


async def _shown(tx: Transaction, matches: Sequence[Row[Any]]) -> list[MatchOut]:
    known: dict[UUID, list[MatchContact]] = {}
    for row in await parents.known_as(tx, {person for each in matches for person in (each.one, each.other)}):
        contact = {name: getattr(row, name) for name in MatchContact.model_fields}
        known.setdefault(row.parent_id, []).append(MatchContact(**contact))
    return [
        MatchOut(
            id=each.id,
            status=each.status,
            reasons=each.reasons,
            people=[MatchPerson(id=person, contacts=known.get(person, [])) for person in sorted({each.one, each.other})],
            proposed_at=each.proposed_at,
            decided_at=each.decided_at,
            decided_by=each.decided_by,
            reason=each.reason,
        )
        for each in matches
    ]
