"""Record what makes somebody a parent and whether they allowed the absence, or that what was recorded is wrong."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.penalties.case_file.domain.facts import CaseFile
from services.penalties.case_file.domain.liability import LiabilityEntry, LiabilityRecord, recorded_liability
from services.penalties.case_file.repository.liability import add_liability_record, liability_records_of
from services.penalties.case_file.use_cases.load import current_ids, load_case_file, named_parents
from services.penalties.case_file.use_cases.matters import judge_matters
from services.penalties.case_file.use_cases.problems import Refused
from shared import clock
from shared.contracts.penalties import ParentLiability
from shared.database import Transaction, all_rows_visible
from shared.http import CallerInfo
from shared.ids import new_id


class NothingRecorded(Refused):
    """Nothing is recorded of this parent that could be withdrawn."""


async def record_liability(tx: Transaction, caller: CallerInfo, case: CaseFile, entries: Sequence[LiabilityEntry]) -> CaseFile:
    """Store what a named person records of parents of a locked case; return the case as it then is. Raises NotAParent."""
    named_parents(case, [entry.parent_id for entry in entries])
    for entry in entries:
        await add_liability_record(tx, _record(caller, case, entry))
    return await load_case_file(tx, case.id) if entries else case


async def liability_of(tx: Transaction, case_id: UUID, parent_ids: Sequence[UUID]) -> tuple[ParentLiability, ...]:
    """Return what makes each of these people a parent, and whether they allowed the absence, for an event."""
    case = await load_case_file(tx, case_id)
    return tuple(ParentLiability.of(parent, parent_id=parent.id) for parent in case.parents if parent.id in parent_ids)


async def record_alone(tx: Transaction, caller: CallerInfo, case_id: UUID, entry: LiabilityEntry) -> LiabilityRecord:
    """Record it of one parent, without a decision, and return the record. Raises NotAParent."""
    case = await load_case_file(tx, case_id, lock=True)
    named_parents(case, [entry.parent_id])
    record = _record(caller, case, entry)
    await add_liability_record(tx, record)
    await judge_matters(tx, case_id)
    return record


async def withdraw_liability(tx: Transaction, caller: CallerInfo, case_id: UUID, parent_id: UUID, reason: str) -> LiabilityRecord:
    """Record that what was recorded of a parent is wrong: none of it holds any more. Raises NotAParent and NothingRecorded."""
    case = await load_case_file(tx, case_id, lock=True)
    named_parents(case, [parent_id])
    current = await current_ids(tx, case.pupil_id)
    async with all_rows_visible(tx):  # what makes somebody a parent may have been recorded in another school's case
        records = [replace(each, parent_id=current[each.parent_id]) for each in await liability_records_of(tx, case.pupil_id)]
    held = recorded_liability(records, parent_id, case.id)
    if held.parent_by is None and held.basis is None:
        raise NothingRecorded("Of this parent nothing is recorded that still holds.")
    record = _record(caller, case, LiabilityEntry(parent_id), withdrawal_reason=reason)
    await add_liability_record(tx, record)
    await judge_matters(tx, case_id)
    return record


def _record(caller: CallerInfo, case: CaseFile, entry: LiabilityEntry, *, withdrawal_reason: str | None = None) -> LiabilityRecord:
    return LiabilityRecord(
        id=new_id(),
        case_id=case.id,
        pupil_id=case.pupil_id,
        parent_id=entry.parent_id,
        parent_by=entry.parent_by,
        basis=entry.basis,
        shown_by=entry.shown_by,
        withdrawal_reason=withdrawal_reason,
        recorded_on=clock.today(),
        recorded_at=clock.now(),
        recorded_by=caller.person(),
        recorded_by_role=caller.role,
        recorded_by_subject=caller.subject,
    )
