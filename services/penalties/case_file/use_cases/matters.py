"""Judge the matters of a case anew whenever something has happened in it: store them, close the case, open it again."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.penalties.case_file.domain.facts import CaseFile
from services.penalties.case_file.domain.matters import Matter, matters_of, outcome_of
from services.penalties.case_file.repository.cases import find_run, lock_pupil
from services.penalties.case_file.repository.matters import (
    MatterRow,
    cases_to_follow,
    cases_to_judge,
    delete_matter,
    matter_rows,
    review_of,
    save_matter,
    save_review,
)
from services.penalties.case_file.use_cases.close import close_case, open_case_again
from services.penalties.case_file.use_cases.load import current_ids, load_case_file
from shared import clock
from shared.contracts.registers import ParentChanged, RollChanged
from shared.contracts.thresholds import ThresholdMet
from shared.database import Transaction
from shared.due_work import DueWork, in_one_transaction
from shared.ids import derived_id


async def judge_matters(tx: Transaction, case_id: UUID, *, by_time: bool = False) -> None:
    """Store the matters of a case as they now are. The case closes when every one has ended, and opens again when one has not any more.

    Time alone (`by_time`) opens none. To be called after every decision, answer, notice, payment, withdrawal, event of a court file and change of parents; harmless at any time.
    """
    case = await load_case_file(tx, case_id, lock=True)
    matters = matters_of(case)
    await _store(tx, case, matters)
    review = await review_of(tx, case_id)
    outcome = outcome_of(case, matters)
    changes = (case.status, outcome is None) in {("open", False), *(() if by_time else (("closed", True),))}
    days = [each.review_on for each in matters if each.review_on]
    judged = replace(
        review,
        revision=review.revision + changes,
        judged_on=case.as_of,
        due_on=min(days, default=None),
        first_closed_on=review.first_closed_on or (case.as_of if outcome else None),
    )
    if judged != review:
        await save_review(tx, judged)
    if changes and outcome:
        await close_case(tx, case, outcome, judged.revision)
    elif changes:
        await open_case_again(tx, case, judged.revision)


async def _store(tx: Transaction, case: CaseFile, matters: Sequence[Matter]) -> None:
    """Store what has changed. A match that made two persons one leaves the matter of the other id readable, as merged."""
    rows = {each.parent_id: each for each in await matter_rows(tx, case.id)}
    by_parent = {each.parent_id: each for each in matters}
    for matter in matters:
        await _store_one(tx, case, matter, rows.get(matter.parent_id))
    current = await current_ids(tx, case.pupil_id)
    for row in rows.values():
        if row.parent_id in by_parent:
            continue
        if current[row.parent_id] != row.parent_id:
            await _store_one(tx, case, Matter(row.parent_id, "ended", "merged", ended_on=row.ended_on or case.as_of), row)
        elif row.stage == "to-consider":
            await delete_matter(tx, row.id)


async def _store_one(tx: Transaction, case: CaseFile, matter: Matter, row: MatterRow | None) -> None:
    new = MatterRow(
        id=derived_id(case.id, "matter", matter.parent_id),
        case_id=case.id,
        parent_id=matter.parent_id,
        stage=matter.stage,
        outcome=matter.outcome,
        provisional=matter.provisional,
        stage_since=row.stage_since if row and row.stage == matter.stage else case.as_of,
        ended_on=matter.ended_on,
        revision=row.revision if row else 0,
    )
    if new != row:
        await save_matter(tx, replace(new, revision=new.revision + 1))


async def follow_threshold(tx: Transaction, event: ThresholdMet) -> None:
    """Give every parent a matter in the case that a threshold opened."""
    run = await find_run(tx, event.run_id)
    if run is not None and run.case_id is not None:
        await judge_matters(tx, run.case_id)


async def follow_parents(tx: Transaction, event: ParentChanged | RollChanged) -> None:
    """Give who has become a parent a matter in each case of the child that is open or within its time bar."""
    today = clock.today()
    if await cases_to_follow(tx, event.pupil_id, today):
        await lock_pupil(tx, event.pupil_id)
        for case_id in await cases_to_follow(tx, event.pupil_id, today):
            await judge_matters(tx, case_id)


async def _find(tx: Transaction, job: str, limit: int) -> Sequence[str]:
    return [str(case_id) for case_id in await cases_to_judge(tx, job, clock.today(), limit)]


async def _judge(tx: Transaction, keys: Sequence[str]) -> int:
    for case_id in sorted(UUID(key) for key in keys):
        await judge_matters(tx, case_id, by_time=True)
    return len(keys)


judge_due_matters = DueWork("matters", _find, in_one_transaction(_judge), batch=20)
"""Judges matters that time alone has changed (an agreement has run out, a verdict is final), those that were judged by a day which lies
ahead, and those of cases that are older than matters."""
