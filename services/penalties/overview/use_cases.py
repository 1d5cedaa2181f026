"""A case with everything in it, and the steps possible now."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.penalties.case_file.domain.facts import Agreement, CaseFile, Decision
from services.penalties.case_file.domain.holds import Hold
from services.penalties.case_file.domain.liability import Basis, LiabilityRecord, ParentBy
from services.penalties.case_file.domain.matters import MatterOutcome, NextStep, Stage, matter_of, matters_of, people_of
from services.penalties.case_file.domain.notices import ImprovementNotice, PenaltyNotice
from services.penalties.case_file.repository.cases import agreements_of, decisions_of
from services.penalties.case_file.repository.holds import holds_of
from services.penalties.case_file.repository.liability import liability_records_of
from services.penalties.case_file.repository.notices import improvement_notices_of, penalty_notices_about
from services.penalties.case_file.use_cases.access import visible_to
from services.penalties.case_file.use_cases.load import load_case_file
from services.penalties.improvement.domain import shown_status
from services.penalties.overview import clients
from services.penalties.overview.clients import PupilDifference
from services.penalties.overview.domain import Action, actions, matter_actions
from services.penalties.overview.repository import CaseQuery, CaseRow, ListedCase, OtherCase, case_page, other_open_cases
from services.penalties.projections.repository import parents_of, upn_of
from services.penalties.tables import values_of
from services.penalties.tables.cases import cases
from shared import clock
from shared.database import Database, Transaction
from shared.database.paging import Listed, PageQuery
from shared.http import CallerInfo
from shared.ids import derived_id


@dataclass(frozen=True, slots=True)
class ShownMatter:
    """How far one parent's matter has come, and the steps possible in it today."""

    id: UUID
    stage: Stage
    outcome: MatterOutcome | None
    provisional: bool
    ended_on: date | None
    next: NextStep | None
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class ShownParent:
    """A parent as schools describe them; None where only the case still names them, or registers cannot give the name."""

    id: UUID
    relationship: str | None = None
    lives_with_pupil: bool | None = None
    open_match: bool = False
    name: str | None = None
    parent_by: ParentBy | None = None
    basis: Basis | None = None
    liability_basis: str | None = None
    matter: ShownMatter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCase(ListedCase):
    """A case with everything that was decided and done in it, and the steps possible today."""

    pupil_name: str | None = None
    pupil_difference: PupilDifference | None = None
    parents: tuple[ShownParent, ...]
    liability: list[LiabilityRecord]
    decisions: list[Decision]
    agreement: Agreement | None
    agreements: list[Agreement]
    notices: list[ImprovementNotice | PenaltyNotice]
    held: bool
    holds: list[Hold]
    actions: tuple[Action, ...]
    other_cases: list[OtherCase]


@dataclass(frozen=True, slots=True)
class ParentStage:
    """How far a case has come with one parent."""

    parent_id: UUID
    stage: Stage


@dataclass(frozen=True, slots=True)
class ShownStages:
    """A case without names and reasons."""

    id: UUID
    upn: str | None
    urn: int
    status: str
    stages: tuple[ParentStage, ...]


async def list_cases(tx: Transaction, caller: CallerInfo, query: CaseQuery, page: PageQuery) -> Listed[CaseRow]:
    """Return the cases that are asked for and the caller's own."""
    visible = await visible_to(tx, caller, query.urn)
    return await case_page(tx, visible, query, page)


async def show_case(database: Database, caller: CallerInfo, case_id: UUID) -> ShownCase:
    """Return a case with everything that was decided and done in it, the names as registers has them now, and the steps possible today."""
    async with database.begin() as tx:
        shown = await _load(tx, caller, case_id)
    people = await clients.people_of(shown.pupil_id)
    parents = tuple(replace(parent, name=people.names.get(parent.id)) for parent in shown.parents)
    difference = people.difference
    if difference and caller.bound:  # a school sees in what, and not what another one recorded: perhaps of another child
        difference = replace(difference, schools=())
    return replace(shown, pupil_name=people.names.get(shown.pupil_id), pupil_difference=difference, parents=parents)


async def show_stages(database: Database, case_id: UUID) -> ShownStages:
    """Return how far a case has come with each parent, for whoever is to see neither names nor reasons."""
    async with database.begin() as tx:
        case = await load_case_file(tx, case_id)
        stages = tuple(ParentStage(each.parent_id, each.stage) for each in matters_of(case))
        return ShownStages(case.id, await upn_of(tx, case.pupil_id), case.urn, case.status, stages)


async def _load(tx: Transaction, caller: CallerInfo, case_id: UUID) -> ShownCase:
    case = await load_case_file(tx, case_id)
    today = clock.today()
    improvement_notices = [
        replace(each, status=shown_status(each.status, each.ends_on, today)) for each in await improvement_notices_of(tx, case_id)
    ]
    penalty_notices = [each for each in await penalty_notices_about(tx, case.pupil_id) if each.case_id == case_id]
    notices: list[ImprovementNotice | PenaltyNotice] = [*improvement_notices, *penalty_notices]
    agreements = await agreements_of(tx, case_id)
    return ShownCase(
        **values_of(cases, case),
        upn=await upn_of(tx, case.pupil_id),
        parents=await _parents(tx, case, caller.roles, [notice.parent_id for notice in notices]),
        liability=await liability_records_of(tx, case.pupil_id),
        decisions=await decisions_of(tx, case_id),
        agreement=agreements[-1] if agreements else None,
        agreements=agreements,
        notices=notices,
        held=case.held,
        holds=await holds_of(tx, case_id),
        actions=actions(case, caller.roles, today),
        other_cases=await other_open_cases(tx, await visible_to(tx, caller), case),
    )


async def _parents(tx: Transaction, case: CaseFile, roles: frozenset[str], noticed: Iterable[UUID]) -> tuple[ShownParent, ...]:
    """Return a pupil's parents as schools describe them, and those whom only the case still names, each with their matter."""
    parents: dict[UUID, ShownParent] = {}
    for row in await parents_of(tx, case.pupil_id):
        shown = parents.get(row.parent_id, ShownParent(row.parent_id, row.relationship, row.lives_with_pupil))
        parents[row.parent_id] = replace(
            shown, open_match=shown.open_match or row.open_match, liability_basis=shown.liability_basis or row.liability_basis
        )
    for person in case.parents:
        parents[person.id] = replace(parents[person.id], parent_by=person.parent_by, basis=person.basis)
    people = people_of(case)
    for parent_id in (*people, *noticed):
        parents.setdefault(parent_id, ShownParent(parent_id))
    return tuple(replace(each, matter=_matter(case, each.id, roles)) if each.id in people else each for each in parents.values())


def _matter(case: CaseFile, parent_id: UUID, roles: frozenset[str]) -> ShownMatter:
    matter = matter_of(case, parent_id)
    return ShownMatter(
        derived_id(case.id, "matter", parent_id),
        matter.stage,
        matter.outcome,
        matter.provisional,
        matter.ended_on,
        matter.next,
        matter_actions(case, parent_id, roles, case.as_of),
    )
