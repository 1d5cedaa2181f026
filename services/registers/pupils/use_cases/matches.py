"""Proposed matches of parents: an officer decides whether two persons are one, and may take the answer back.

Where an officer reaches one of the two persons alone, an officer of an authority that reaches the other one confirms too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from services.registers.pupils.repository import matches, parents
from services.registers.pupils.repository.matches import Confirmation, Match, MatchedPerson, PersonContactRow, Status
from services.registers.pupils.use_cases.publishing import publish_parents
from shared import clock
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


async def read_matches(tx: Transaction, status: Status, page: PageQuery, caller: CallerInfo, *, deciding: bool) -> Listed[Match]:
    """Return matches with a status, the oldest first; `deciding`: only those that the caller's authority has not confirmed."""
    await ALL_ROWS.apply(tx)  # one of the two may be known in another area alone
    found = await matches.match_page(tx, status, page, caller.la_code, deciding=deciding)
    return found.with_rows(await _with_persons(tx, found.rows, caller))


async def read_match(tx: Transaction, match_id: UUID, caller: CallerInfo) -> Match:
    """Return a match; raise MatchNotFound."""
    await ALL_ROWS.apply(tx)
    found = await matches.match(tx, match_id)
    if found is None:
        raise MatchNotFound
    return (await _with_persons(tx, [found], caller))[0]


async def decide_match(tx: Transaction, match_id: UUID, same: bool, reason: str, caller: CallerInfo) -> Match:
    """Store a named officer's answer; if it is one person, all contacts of both belong to the older record from now on.

    Either authority may refuse. Where a person is out of the caller's reach, the confirmation waits for an officer who reaches that one.
    """
    who = caller.person()
    match = await _locked(tx, match_id)
    if match.status == "open" and same and not (await _with_persons(tx, [match], caller))[0].decides:
        await _confirm(tx, match, reason, who, caller)
    elif match.status == "open":
        affected = await parents.pupils_of(tx, [match.one, match.other])
        merges = same and match.one != match.other
        merged = await matches.merge(tx, min(match.one, match.other), max(match.one, match.other), who) if merges else None
        await matches.decide(tx, match_id, same, reason, who, caller.role, merged)
        await publish_parents(tx, affected)
    elif (match.status == "same") != same:
        raise MatchDecided(f"It was decided: {match.status}. Undo that first.")
    return await _read(tx, match_id, caller)


async def _confirm(tx: Transaction, match: Match, reason: str, who: str, caller: CallerInfo) -> None:
    """Store the answer of the first officer; the same authority's again changes nothing."""
    assert caller.la_code  # noqa: S101 -- whoever is of no authority reaches both
    if match.confirmation is None or match.confirmation.la_code != caller.la_code:
        await matches.confirm(tx, match.id, Confirmation(caller.la_code, reason, clock.now(), who), caller.role)


async def undo_match(tx: Transaction, match_id: UUID, reason: str, caller: CallerInfo) -> Match:
    """Take an officer's answer back, the first of two too: what was put together is taken apart, and the match awaits an answer again."""
    who = caller.person()
    match = await _locked(tx, match_id)
    if match.status == "open" and match.confirmation is None:
        raise MatchUndecided
    if match.merged and match.merged.moved and await matches.moved_later(tx, match_id):
        raise MatchBuiltUpon("A match that was confirmed later rests on this one: undo that first.")
    affected = await parents.pupils_of(tx, [match.one, match.other])
    if match.merged:
        await matches.unmerge(tx, match.merged, who)
    await matches.reopen(tx, match_id, reason, who, caller.role)
    await publish_parents(tx, affected)
    return await _read(tx, match_id, caller)


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


async def _read(tx: Transaction, match_id: UUID, caller: CallerInfo) -> Match:
    match = await matches.match(tx, match_id)
    assert match is not None  # noqa: S101 -- locked
    return (await _with_persons(tx, [match], caller))[0]


async def _with_persons(tx: Transaction, rows: Sequence[Match], caller: CallerInfo) -> list[Match]:
    """Return matches with both persons: of one out of the caller's reach the name and the schools alone, unless the two are one."""
    contacts: dict[UUID, list[PersonContactRow]] = {}
    for row in await matches.contacts_of_persons(tx, {person for each in rows for person in (each.one, each.other)}):
        contacts.setdefault(row.parent_id, []).append(row)
    return [_with_people(each, contacts, caller) for each in rows]


def _with_people(match: Match, contacts: Mapping[UUID, list[PersonContactRow]], caller: CallerInfo) -> Match:
    two = sorted({match.one, match.other})
    confirmed = {match.confirmation.la_code} if match.confirmation else set()
    people = []
    for person in two:
        own = contacts.get(person, [])
        within = match.status == "same" or _is_reached(own, {caller.la_code})
        people.append(MatchedPerson(person, own if within else [_name_alone(row) for row in own], within))
    decides = all(_is_reached(contacts.get(person, []), {caller.la_code} | confirmed) for person in two)
    return replace(match, people=tuple(people), decides=decides)


def _is_reached(own: Sequence[PersonContactRow], la_codes: set[str | None]) -> bool:
    """Return whether an officer of one of these authorities (None: of all) reaches a person whom schools know so."""
    return None in la_codes or not own or any(row.la_code in la_codes for row in own)


def _name_alone(contact: PersonContactRow) -> PersonContactRow:
    return replace(contact, ref="", address=None, email=None, phone=None, pupils=[])
