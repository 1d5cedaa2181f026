"""One person as several schools record them: judged whenever a school sends a pupil, and decided by an officer where they differ."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.registers.pupils.domain.differences import EXPLAINED, Person, SchoolRecord, decide_person, judge_person
from services.registers.pupils.domain.pupils import PupilAtSchool
from services.registers.pupils.repository import differences, parents, pupils, same_child
from services.registers.pupils.repository.differences import ClaimRow, Confirmation, Decision, Difference, RecordRow
from services.registers.pupils.repository.pupils import PupilRow
from services.registers.pupils.use_cases.contacts import propose_matches
from services.registers.pupils.use_cases.dual_registration import read_overlaps, renew_overlaps
from services.registers.pupils.use_cases.publishing import publish_parents, publish_rolls
from services.registers.schools.repository.schools import lock_schools
from services.registers.schools.use_cases.schools import read_school
from shared import clock
from shared.database import ALL_ROWS, Transaction, all_rows_visible
from shared.database.paging import Listed, PageQuery
from shared.database.rows import columns_of
from shared.http import CallerInfo, id_in
from shared.ids import new_id
from shared.problems import Conflict, NotFound


class DifferenceNotFound(NotFound):
    """There is no such difference."""


class ClaimsUnanswered(Conflict):
    """A school's claim to this pupil is left without an answer."""


class SchoolNotOfPupil(Conflict):
    """That school has no record of this pupil whose details could count."""


class OtherAuthorityAsked(Conflict):
    """That its pupil is another child is for an officer of the school's own authority to decide."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A pupil before and after a judgement."""

    before: Person
    after: Person

    @property
    def changed(self) -> dict[int, SchoolRecord]:
        """Return the records whose worth is another one, or that are new, by school."""
        before = {each.urn: (each.claim, each.answered) for each in self.before.records}
        return {each.urn: each for each in self.after.records if before.get(each.urn) != (each.claim, each.answered)}

    @property
    def is_otherwise(self) -> bool:
        """Return whether a record that was there before, or what counts, is another one: what officers had in view is so no more."""
        return bool(self.before.records) and _in_view(self.before) != _in_view(self.after)

    def own(self, urn: int) -> SchoolRecord:
        """Return the record of a school as it is judged."""
        return next(each for each in self.after.records if each.urn == urn)

    @property
    def reaching(self) -> frozenset[int]:
        """Return the schools that came to reach the pupil, or reach them no longer."""
        before, after = ({each.urn for each in person.records if each.established} for person in (self.before, self.after))
        return frozenset(before ^ after)


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """A pupil whom schools record differently: every record, in what they differ, and what officers decided before."""

    difference: Difference
    person: Person
    records: Sequence[RecordRow]
    decisions: Sequence[Decision]
    confirmations: Sequence[Confirmation]

    @property
    def awaits(self) -> list[str]:
        """Return the authorities of which an officer still has to decide, where one of another one has."""
        return sorted(_authorities(self.records) - {each.la_code for each in self.confirmations}) if self.confirmations else []


@dataclass(frozen=True, slots=True)
class ShownClaim(ClaimRow):
    """A school's claim to a pupil, in the words that the school reads."""

    explanation: str


async def judge_sent(
    tx: Transaction,
    urn: int,
    locked: Mapping[UUID, PupilRow],
    records: Mapping[UUID, Sequence[SchoolRecord]],
    sent: Mapping[UUID, PupilAtSchool],
) -> dict[UUID, Judged]:
    """Return what follows from a school's new records of locked pupils, beside the other schools' ones."""
    judged = {}
    for pupil_id, pupil in sent.items():
        row, before = locked[pupil_id], tuple(records.get(pupil_id, ()))
        own = next((each.resent(pupil) for each in before if each.urn == urn), SchoolRecord(urn, pupil))
        person = Person(row.details, row.confirmed, before)
        after = judge_person(replace(person, records=(*(each for each in before if each.urn != urn), own)))
        judged[pupil_id] = Judged(person, after)
    # A record of which an officer decided that its birth date is wrong is of the age of the one with which it was put together.
    waiting = [pupil_id for pupil_id, each in judged.items() if "waiting" in each.after.claims.values()]
    for pupil_id, born in (await same_child.right_births(tx, waiting)).items() if waiting else ():
        judged[pupil_id] = replace(judged[pupil_id], after=judge_person(judged[pupil_id].after, born))
    return judged


async def store_judged(tx: Transaction, judged: Mapping[UUID, Judged], by: str, stored: int | None = None) -> set[UUID]:
    """Store what counts and what each school's record is worth, open and close differences; return the pupils of another birth date.

    `stored`: the school whose records have been stored already.
    """
    claims = [(pupil_id, record) for pupil_id, each in judged.items() for urn, record in each.changed.items() if urn != stored]
    await differences.set_claims(tx, claims)
    counted = {pupil_id: each.after for pupil_id, each in judged.items() if _counting(each.before) != _counting(each.after)}
    await pupils.change_details(tx, {pupil_id: (each.counted, each.confirmed) for pupil_id, each in counted.items()}, by)
    await differences.open_differences(tx, [pupil_id for pupil_id, each in judged.items() if each.after.undecided])
    await differences.delete_confirmations_of_pupils(tx, [pupil_id for pupil_id, each in judged.items() if each.is_otherwise])
    closed = [pupil_id for pupil_id, each in judged.items() if each.before.undecided and not each.after.undecided]
    await differences.close_differences(tx, closed)
    return {pupil_id for pupil_id, each in counted.items() if each.counted.date_of_birth != judged[pupil_id].before.counted.date_of_birth}


async def follow_reach(tx: Transaction, judged: Mapping[UUID, Judged]) -> None:
    """Propose the parents whom schools name that came to reach a pupil, and publish the parents of everyone whom this touches."""
    reached = {pupil_id: each for pupil_id, each in judged.items() if each.reaching}
    touched: set[UUID] = set()
    for pupil_id, each in reached.items():
        for urn, links in (await same_child.links_of(tx, pupil_id)).items() if each.reaching else ():
            if urn in each.reaching:
                touched |= await propose_matches(tx, urn, links)
    await publish_parents(tx, touched | reached.keys())


async def decide(
    tx: Transaction, difference_id: UUID, counts: int, answers: Mapping[int, bool], reason: str, caller: CallerInfo
) -> ShownDifference:
    """Store a named officer's decision: whose details count, and which claims are of this child; publish what follows.

    Where schools of several authorities have the pupil, it waits until an officer of each of them has decided alike.
    Raise DifferenceNotFound, ClaimsUnanswered, SchoolNotOfPupil or OtherAuthorityAsked. It may be decided again.
    """
    who = caller.person()
    await ALL_ROWS.apply(tx)  # the schools are several
    found = await differences.difference(tx, difference_id)
    if found is None:
        raise DifferenceNotFound
    # Names before pupils before schools, as everywhere.
    await parents.lock_names(tx, await parents.names_of_parents(tx, [found.pupil_id]))
    (row,) = await pupils.lock(tx, [found.pupil_id])
    rows = await differences.records_of_pupils(tx, [row.id])
    before = Person(row.details, row.confirmed, tuple(each.record for each in rows))
    confirmed = {each.la_code: each for each in await differences.confirmations_of(tx, [found.id])}
    decided = decide_person(before, counts, answers) if counts in before.claims else before
    claims = {str(urn): claim for urn, claim in decided.claims.items()}
    alike = {la_code: each for la_code, each in confirmed.items() if (each.urn, each.claims) == (counts, claims)}
    _check(rows, before, counts, answers, caller, alike.keys())
    if caller.la_code and _authorities(rows) - {caller.la_code, *alike}:
        await differences.confirm(tx, Confirmation(found.id, caller.la_code, counts, claims, reason, clock.now(), who, caller.role))
        return await read_difference(tx, found.id)
    judged = {row.id: Judged(before, decided)}
    overlaps = await read_overlaps(tx, [row.id])
    await lock_schools(tx, {each.record.urn for each in rows} | overlaps.urns)
    await store_judged(tx, judged, who)
    for each in alike.values() if caller.la_code else ():
        if each.la_code != caller.la_code:
            earlier = Decision(new_id(), found.id, counts, claims, each.reason, each.confirmed_at, each.confirmed_by)
            await differences.add_decision(tx, earlier, each.role)
    await differences.delete_confirmations(tx, found.id)
    await differences.add_decision(tx, Decision(new_id(), found.id, counts, claims, reason, clock.now(), who), caller.role)
    await renew_overlaps(tx, [row.id], overlaps)
    await follow_reach(tx, judged)
    children = (await same_child.child_of(tx, [row.id])).values()
    await publish_rolls(tx, await pupils.lock(tx, {row.id, *children}))
    return await read_difference(tx, found.id)


def _check(
    rows: Sequence[RecordRow], person: Person, counts: int, answers: Mapping[int, bool], caller: CallerInfo, alike: Collection[str]
) -> None:
    """Raise where a decision is not possible; `alike`: the authorities of which an officer decided the same."""
    schools = {each.record.urn: each for each in rows}
    if not answers.keys() <= schools.keys():
        raise SchoolNotOfPupil
    if left := [urn for urn, claim in person.claims.items() if claim == "waiting" and urn not in answers]:
        raise ClaimsUnanswered("Confirm or refuse each of them.", urns=left)
    if counts not in schools or not answers.get(counts, person.claims[counts] != "refused"):
        raise SchoolNotOfPupil
    for urn, same in answers.items():
        asked = caller.la_code in {None, schools[urn].la_code} or schools[urn].la_code in alike
        if not same and schools[urn].record.established and not asked:
            raise OtherAuthorityAsked


def _authorities(rows: Sequence[RecordRow]) -> set[str]:
    """Return the authorities of the schools that reach the pupil."""
    return {each.la_code for each in rows if each.record.established}


async def read_difference(tx: Transaction, difference_id: UUID) -> ShownDifference:
    """Return one difference; raise DifferenceNotFound."""
    await ALL_ROWS.apply(tx)
    found = await differences.difference(tx, difference_id)
    if found is None:
        raise DifferenceNotFound
    return (await _shown(tx, [found]))[0]


async def read_differences(tx: Transaction, page: PageQuery, la_code: str | None) -> Listed[ShownDifference]:
    """Return differences that await an officer, the oldest first."""
    await ALL_ROWS.apply(tx)  # one of the schools may be of another area
    listed = await differences.difference_page(tx, page, la_code)
    return listed.with_rows(await _shown(tx, listed.rows))


async def read_claims(tx: Transaction, urn: int) -> list[ShownClaim]:
    """Return the pupils whom a school claims and no officer has confirmed, each with what that means; raise SchoolNotFound."""
    await read_school(tx, urn)
    return [ShownClaim(**columns_of(row), explanation=EXPLAINED[row.claim]) for row in await differences.claims_of_school(tx, urn)]


async def own_difference(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> bool:
    """Return whether a difference is about a pupil whom a school of the caller's authority has or had, and does not only claim."""
    difference_id = id_in(path, "difference_id")
    async with all_rows_visible(tx):  # one of the schools may be of another area
        found = await differences.difference(tx, difference_id) if difference_id else None
        return found is not None and await pupils.was_ever_in_area(tx, str(found.pupil_id), caller.la_code or "")


async def _shown(tx: Transaction, found: Sequence[Difference]) -> list[ShownDifference]:
    rows = await differences.records_of_pupils(tx, {each.pupil_id for each in found})
    counted = {row.id: row for row in await pupils.pupils_of(tx, {each.pupil_id for each in found})}
    decided = await differences.decisions_of(tx, [each.id for each in found])
    confirmed = await differences.confirmations_of(tx, [each.id for each in found])
    shown = []
    for each in found:
        own, row = [record for record in rows if record.pupil_id == each.pupil_id], counted[each.pupil_id]
        person = Person(row.details, row.confirmed, tuple(record.record for record in own))
        decisions = [one for one in decided if one.difference_id == each.id]
        shown.append(ShownDifference(each, person, own, decisions, [one for one in confirmed if one.difference_id == each.id]))
    return shown


def _in_view(person: Person) -> tuple[object, ...]:
    return person.counted, {each.urn: (each.pupil.details, each.claim) for each in person.records}


def _counting(person: Person) -> tuple[object, ...]:
    return person.counted, person.confirmed
