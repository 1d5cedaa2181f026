"""Proposed matches of parents: an officer decides whether two persons are one, and may take the answer back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from services.registers.pupils.repository import matches, parents
from services.registers.pupils.repository.matches import Match, MatchedPerson, PersonContactRow
from services.registers.pupils.use_cases.publishing import publish_parents
from shared.database import ALL_ROWS, Transaction, all_rows_visible
from shared.database.paging import Listed, PageQuery
from shared.http import CallerInfo, id_in
from shared.problems import Conflict, NotFound


class MatchNotFound(NotFound):
    """There is no such match."""


class MatchDecided(Conflict):
    """The match has been decided otherwise."""


class MatchUndecided(Conflict):
    """The match awaits its first answer."""


class MatchBuiltUpon(Conflict):
    """Another decision rests on this one."""


async def own_match(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> bool:
    """Return whether one of the two persons of a match is known to a school of the caller's authority."""
    match_id = id_in(path, "match_id")
    async with all_rows_visible(tx):  # one of the two may be known in another area alone
        match = await matches.match(tx, match_id) if match_id else None
        contacts = await matches.contacts_of_persons(tx, [match.one, match.other]) if match else []
    return caller.la_code in {row.la_code for row in contacts}


async def read_open_matches(tx: Transaction, page: PageQuery, la_code: str | None) -> Listed[Match]:
    """Return the matches that await an officer, the oldest first."""
    await ALL_ROWS.apply(tx)  # one of the two may be known in another area alone
    found = await matches.open_matches(tx, page, la_code)
    return found.with_rows(await _with_persons(tx, found.rows))


async def decide_match(tx: Transaction, match_id: UUID, same: bool, reason: str, caller: CallerInfo) -> Match:
    """Store a named officer's answer; if it is one person, all contacts of both belong to the older record from now on."""
    who = caller.person()
    match = await _locked(tx, match_id)
    if match.status == "open":
        affected = await parents.pupils_of(tx, [match.one, match.other])
        merges = same and match.one != match.other
        merged = await matches.merge(tx, min(match.one, match.other), max(match.one, match.other), who) if merges else None
        await matches.decide(tx, match_id, same, reason, who, caller.role, merged)
        await publish_parents(tx, affected)
    elif (match.status == "same") != same:
        raise MatchDecided(f"It was decided: {match.status}. Undo that first.")
    return await _read(tx, match_id)


async def undo_match(tx: Transaction, match_id: UUID, reason: str, caller: CallerInfo) -> Match:
    """Take an officer's answer back: what was put together is taken apart, and the match awaits an answer again."""
    who = caller.person()
    match = await _locked(tx, match_id)
    if match.status == "open":
        raise MatchUndecided
    if match.merged and match.merged.moved and await matches.moved_later(tx, match_id):
        raise MatchBuiltUpon("A match that was confirmed later rests on this one: undo that first.")
    affected = await parents.pupils_of(tx, [match.one, match.other])
    if match.merged:
        await matches.unmerge(tx, match.merged, who)
    await matches.reopen(tx, match_id, reason, who, caller.role)
    await publish_parents(tx, affected)
    return await _read(tx, match_id)


async def _locked(tx: Transaction, match_id: UUID) -> Match:
    """Return a match, and let nobody else decide about either person."""
    await ALL_ROWS.apply(tx)  # the two, their children and what was merged before are of several schools
    match = await matches.match(tx, match_id)
    if match is None:
        raise MatchNotFound
    contacts = await matches.contacts_of_persons(tx, [match.one, match.other])
    # Another decision about one of the two may have come first: look again once nobody else can.
    await parents.lock_names(tx, [row.name_key for row in contacts])
    match = await matches.match(tx, match_id)
    assert match is not None  # noqa: S101 -- found above
    return match


async def _read(tx: Transaction, match_id: UUID) -> Match:
    match = await matches.match(tx, match_id)
    assert match is not None  # noqa: S101 -- locked
    return (await _with_persons(tx, [match]))[0]


async def _with_persons(tx: Transaction, rows: Sequence[Match]) -> list[Match]:
    contacts: dict[UUID, list[PersonContactRow]] = {}
    for row in await matches.contacts_of_persons(tx, {person for each in rows for person in (each.one, each.other)}):
        contacts.setdefault(row.parent_id, []).append(row)
    people = {person: MatchedPerson(person, contacts.get(person, [])) for each in rows for person in (each.one, each.other)}
    return [replace(each, people=tuple(people[person] for person in sorted({each.one, each.other}))) for each in rows]
