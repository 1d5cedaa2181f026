"""Load a case with everything that the rules may ask of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from services.penalties.case_file.domain.facts import CaseFile, CourtFile, Parent
from services.penalties.case_file.domain.liability import LiabilityRecord, ParentBy, born_to, recorded_liability
from services.penalties.case_file.domain.matters import people_of
from services.penalties.case_file.domain.notices import PenaltyNotice
from services.penalties.case_file.domain.sessions import SchoolSession, Session, Slot
from services.penalties.case_file.repository.cases import agreements_of, court_files_about, decisions_of, find_case
from services.penalties.case_file.repository.holds import holds_of, mark_changes
from services.penalties.case_file.repository.liability import liability_records_of
from services.penalties.case_file.repository.matters import review_of
from services.penalties.case_file.repository.notices import improvement_notices_about, penalty_notices_about
from services.penalties.case_file.use_cases.problems import CaseNotFound
from services.penalties.law import law_of
from services.penalties.projections.repository import amended_marks, parents_of
from shared import clock
from shared.contracts.registers import PupilParent
from shared.database import Transaction, all_rows_visible
from shared.database.rows import columns_of
from shared.problems import Invalid


class CurrentIds(dict[UUID, UUID]):
    """By a former id of a parent, the id that holds now; any other id holds as it is."""

    @classmethod
    def of(cls, parents: Iterable[PupilParent]) -> "CurrentIds":
        """Return the ids of a pupil's parents."""
        return cls({former: row.parent_id for row in parents for former in row.formerly})

    def __missing__(self, parent_id: UUID) -> UUID:
        """Return the id as it is."""
        return parent_id

    def of_all(self, parent_ids: Iterable[UUID]) -> tuple[UUID, ...]:
        """Return the ids that hold now, each once."""
        return tuple(dict.fromkeys(self[each] for each in parent_ids))


async def current_ids(tx: Transaction, pupil_id: UUID) -> CurrentIds:
    """Return which ids of a pupil's parents hold now."""
    return CurrentIds.of(await parents_of(tx, pupil_id))


async def load_case_file(tx: Transaction, case_id: UUID, *, lock: bool = False) -> CaseFile:
    """Return everything about a case; `lock` it where something is to be stored and published. Raises CaseNotFound.

    A parent who had several ids appears under the one that holds now.
    """
    row = await find_case(tx, case_id, lock=lock)
    if row is None:
        raise CaseNotFound
    parents = await parents_of(tx, row.pupil_id)
    current = CurrentIds.of(parents)
    async with all_rows_visible(tx):  # what was issued and charged about the child in other schools' cases
        penalty_notices = [replace(each, parent_id=current[each.parent_id]) for each in await penalty_notices_about(tx, row.pupil_id)]
        warnings = [replace(each, parent_id=current[each.parent_id]) for each in await improvement_notices_about(tx, row.pupil_id)]
        files = [replace(each, parent_id=current[each.parent_id]) for each in await court_files_about(tx, row.pupil_id)]
        records = [replace(each, parent_id=current[each.parent_id]) for each in await liability_records_of(tx, row.pupil_id)]
    by_birth = law_of(row.la_code).at("parents_by_birth", clock.today()).value
    relied_on = tuple(session for notice in penalty_notices if notice.status != "withdrawn" for session in notice.sessions)
    return CaseFile(
        **columns_of(row),
        as_of=clock.today(),
        ended_for_all=(await review_of(tx, row.id)).ended_for_all,
        parents=tuple(as_parent(parent_id, rows, row.id, records, by_birth) for parent_id, rows in _by_person(parents).items()),
        decisions=tuple(replace(each, parent_ids=current.of_all(each.parent_ids)) for each in await decisions_of(tx, row.id)),
        agreements=tuple(replace(each, parent_ids=current.of_all(each.parent_ids)) for each in await agreements_of(tx, row.id)),
        improvement_notices=tuple(each for each in warnings if each.case_id == row.id),
        penalty_notices=tuple(each for each in penalty_notices if each.case_id == row.id),
        court_files=tuple(each for each in files if each.case_id == row.id),
        held=any(each.cleared_on is None for each in await holds_of(tx, row.id)),
        relied_on=relied_on,
        warned_elsewhere=frozenset(each.parent_id for each in warnings if each.running and each.case_id != row.id),
        spent=_spent(penalty_notices, files),
        changed=await _changed(tx, row.pupil_id, (*row.counting, *relied_on, *row.sessions)),
    )


def _by_person(parents: Iterable[PupilParent]) -> dict[UUID, list[PupilParent]]:
    people: dict[UUID, list[PupilParent]] = {}
    for row in parents:
        people.setdefault(row.parent_id, []).append(row)
    return people


def as_parent(
    parent_id: UUID, schools: Iterable[PupilParent], case_id: UUID, records: Iterable[LiabilityRecord], by_birth: Collection[str]
) -> Parent:
    """Return one person as a parent: what was recorded holds; without it, mother and father are parents by birth."""
    rows = [*schools]
    found = recorded_liability(records, parent_id, case_id)
    born: ParentBy | None = "birth" if born_to((row.relationship for row in rows), by_birth) else None
    return Parent(parent_id, any(row.open_match for row in rows), found.parent_by or born, found.basis)


def _spent(penalty_notices: Iterable[PenaltyNotice], files: Iterable[CourtFile]) -> Mapping[UUID, frozenset[Slot]]:
    spent: dict[UUID, frozenset[Slot]] = {}
    relied = [(each.parent_id, each.sessions) for each in penalty_notices if each.stands]
    for parent_id, sessions in (*relied, *((each.parent_id, each.charged_sessions) for each in files)):
        spent[parent_id] = spent.get(parent_id, frozenset()) | {session.slot for session in sessions}
    return spent


async def _changed(tx: Transaction, pupil_id: UUID, judged: Iterable[Session]) -> frozenset[SchoolSession]:
    """Return the sessions whose mark is no longer what was judged: a later version with another code has arrived."""
    latest: dict[SchoolSession, tuple[int, str]] = {
        (mark.date, mark.session, mark.urn): (mark.version, mark.code) for mark in await amended_marks(tx, pupil_id)
    }
    async with all_rows_visible(tx):  # also those that stopped a notice in another school's case
        stopping = await mark_changes(tx, pupil_id)
    for change in stopping:
        latest[change.at_school] = max(latest.get(change.at_school, (0, "")), (change.version, change.code))
    amended = ((session, latest[session.at_school]) for session in judged if session.at_school in latest)
    return frozenset(session.at_school for session, (version, code) in amended if version > session.version and code != session.code)


class NotAParent(Invalid):
    """Someone named is no parent of this pupil."""


def named_parents(case: CaseFile, parent_ids: Sequence[UUID] | None) -> tuple[UUID, ...]:
    """Return the parents named, each once, or all who are shown to be parents; raise NotAParent where one is none of the pupil's."""
    parents = tuple(parent.id for parent in case.parents)
    if parent_ids is None:
        return tuple(parent.id for parent in case.parents if parent.parent_by)
    strangers = [str(parent_id) for parent_id in parent_ids if parent_id not in {*parents, *people_of(case)}]
    if strangers:
        raise NotAParent("Not a parent of this pupil, as its schools know them.", parents=strangers)
    return tuple(dict.fromkeys(parent_ids))
