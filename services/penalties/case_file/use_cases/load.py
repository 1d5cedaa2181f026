"""Load a case with everything that the rules may ask of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

from services.penalties.case_file.domain.facts import (
    Agreement,
    Case,
    CourtFile,
    Decision,
    ImprovementNotice,
    Parent,
    PenaltyNotice,
    Session,
    Slot,
)
from services.penalties.case_file.repository.cases import agreement_rows, case_row, decision_rows
from services.penalties.case_file.repository.holds import court_file_rows, hold_rows, mark_changes
from services.penalties.case_file.repository.notices import improvement_notice_rows, penalty_notice_rows
from services.penalties.case_file.use_cases.problems import CaseNotFound
from services.penalties.projections.repository import amended_marks, parent_rows
from shared.database import Transaction


async def load_case(tx: Transaction, case_id: UUID, *, lock: bool = False) -> Case:
    """Return everything about a case; `lock` it where something is to be stored and said. Raises CaseNotFound."""
    row = await case_row(tx, case_id, lock=lock)
    if row is None:
        raise CaseNotFound
    return await _case(tx, row)


async def _case(tx: Transaction, row: Any) -> Case:
    """Return everything about the case of a row; who was known by several ids appears under the one that holds now."""
    known_as = await current_ids(tx, row.pupil_id)
    penalty_notices = await penalty_notice_rows(tx, row.pupil_id)
    files = await court_file_rows(tx, row.pupil_id)
    counting = tuple(Session.of(session) for session in row.counting)
    relied_on = tuple(Session.of(session) for n in penalty_notices if n.status != "withdrawn" for session in n.sessions)
    sessions = tuple(Session.of(session) for session in row.sessions)
    return Case(
        id=row.id,
        pupil_id=row.pupil_id,
        urn=row.urn,
        la_code=row.la_code,
        run_id=row.run_id,
        status=row.status,
        threshold=row.threshold,
        holiday=row.holiday,
        sessions=sessions,
        counting=counting,
        parents=await load_parents(tx, row.pupil_id),
        decisions=tuple(_decision(each, known_as) for each in await decision_rows(tx, row.id)),
        agreements=tuple(_agreement(each, known_as) for each in await agreement_rows(tx, row.id)),
        improvement_notices=tuple(improvement_notice_of(each, known_as) for each in await improvement_notice_rows(tx, row.id)),
        penalty_notices=tuple(_penalty_notice(each, known_as) for each in penalty_notices if each.case_id == row.id),
        court_files=tuple(
            CourtFile(each.id, known_as.get(each.parent_id, each.parent_id), each.status) for each in files if each.case_id == row.id
        ),
        held=any(each.cleared_on is None for each in await hold_rows(tx, row.id)),
        relied_on=relied_on,
        spent=_spent(penalty_notices, files, known_as),
        changed=await _changed(tx, row.pupil_id, (*counting, *relied_on, *sessions)),
    )


async def load_parents(tx: Transaction, pupil_id: UUID) -> tuple[Parent, ...]:
    """Return a pupil's parents, each once, whichever schools know them."""
    open_match: dict[UUID, bool] = {}
    for row in await parent_rows(tx, pupil_id):
        open_match[row.parent_id] = open_match.get(row.parent_id, False) or row.open_match
    return tuple(Parent(parent_id, is_open) for parent_id, is_open in open_match.items())


async def current_ids(tx: Transaction, pupil_id: UUID) -> Mapping[UUID, UUID]:
    """Return, by each former id of a parent of this pupil, the id that holds now."""
    return {UUID(former): row.parent_id for row in await parent_rows(tx, pupil_id) for former in row.formerly}


def improvement_notice_of(row: Any, known_as: Mapping[UUID, UUID] = MappingProxyType({})) -> ImprovementNotice:
    """Read a Notice to Improve."""
    return ImprovementNotice(
        id=row.id,
        parent_id=known_as.get(row.parent_id, row.parent_id),
        status=row.status,
        issued_at=row.issued_at,
        served_on=row.served_on,
        ends_on=row.ends_on,
        early_grounds=row.early_grounds,
        held=row.held,
    )


def _decision(row: Any, known_as: Mapping[UUID, UUID]) -> Decision:
    return Decision(row.id, row.decision, _ids(row.parent_ids, known_as), row.decided_at, row.no_improvement_notice_reason)


def _agreement(row: Any, known_as: Mapping[UUID, UUID]) -> Agreement:
    return Agreement(row.id, row.agreed, row.recommendation, _ids(row.parent_ids, known_as), row.agreed_at)


def _penalty_notice(row: Any, known_as: Mapping[UUID, UUID]) -> PenaltyNotice:
    parent_id = known_as.get(row.parent_id, row.parent_id)
    return PenaltyNotice(row.id, parent_id, row.status, row.issued_at, _stands(row), row.concluded_on is not None)


def _stands(row: Any) -> bool:
    return not (row.status == "withdrawn" and row.restores)


def _ids(texts: Iterable[str], known_as: Mapping[UUID, UUID]) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(known_as.get(UUID(text), UUID(text)) for text in texts))


def _spent(penalty_notices: Sequence[Any], files: Sequence[Any], known_as: Mapping[UUID, UUID]) -> Mapping[UUID, frozenset[Slot]]:
    spent: dict[UUID, frozenset[Slot]] = {}
    relied = [(n.parent_id, n.sessions) for n in penalty_notices if _stands(n)] + [(f.parent_id, f.charged_sessions) for f in files]
    for former_id, sessions in relied:
        parent_id = known_as.get(former_id, former_id)
        spent[parent_id] = spent.get(parent_id, frozenset()) | {Session.of(session).slot for session in sessions}
    return spent


async def _changed(tx: Transaction, pupil_id: UUID, judged: Sequence[Session]) -> frozenset[tuple[date, str, int]]:
    """Return the marks that are no longer what was judged: a later version with another code was heard of."""
    latest = {(row.date, row.session, row.urn): (row.version, row.code) for row in await amended_marks(tx, pupil_id)}
    for row in await mark_changes(tx, pupil_id):
        mark = Session.of(row.change)
        key = (mark.date, mark.session, mark.urn)
        latest[key] = max(latest.get(key, (0, "")), (mark.version, mark.code))
    keys = (((s.date, s.session, s.urn), s) for s in judged)
    return frozenset(key for key, s in keys if key in latest and latest[key][0] > s.version and latest[key][1] != s.code)
