"""What came before in a case, for the chronology of a court file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.penalties.case_file.repository.cases import agreement_rows, decision_rows
from services.penalties.case_file.repository.notices import improvement_notice_rows
from services.penalties.case_file.use_cases.load import current_ids
from shared.contracts.penalties import DecisionTaken, ImprovementHistory, ServedNotice
from shared.database import Transaction


@dataclass(frozen=True, slots=True)
class Chronology:
    """The Notices to Improve of a case and the steps that people took, in order, each with the parents whom it concerns."""

    improvement_notices: tuple[ImprovementHistory, ...]
    decisions: tuple[DecisionTaken, ...]

    def of(self, parent_id: UUID) -> "Chronology":
        """Return what concerns one parent."""
        mine = tuple(each for each in self.improvement_notices if each.parent_id == parent_id)
        return Chronology(mine, tuple(each for each in self.decisions if not each.parent_ids or parent_id in each.parent_ids))


async def chronology_of(tx: Transaction, case_id: UUID, pupil_id: UUID) -> Chronology:
    """Return a case's history; who was known by several ids appears under the one that holds now."""
    known_as = await current_ids(tx, pupil_id)
    taken = [
        (row.decided_at, _step(row.decided_on, f"decided: {row.decision}", row.decided_by_role, row, known_as))
        for row in await decision_rows(tx, case_id)
    ]
    for row in await agreement_rows(tx, case_id):
        what = f"authority {'agreed' if row.agreed else 'declined'}: {row.recommendation}"
        taken.append((row.agreed_at, DecisionTaken(on=row.agreed_on, what=what, by_role=row.agreed_by_role)))
    improvement = [_improvement(row, known_as) for row in await improvement_notice_rows(tx, case_id)]
    return Chronology(tuple(improvement), tuple(step for _, step in sorted(taken, key=lambda each: each[0])))


def served_notice(row: Any, received_on: date) -> ServedNotice:
    """Return how and when a notice was served."""
    return ServedNotice(notice_id=row.id, method=row.method, posted_on=row.posted_on, received_on=received_on, proof_id=row.proof_id)


def _step(on: date, what: str, by_role: str, row: Any, known_as: Mapping[UUID, UUID]) -> DecisionTaken:
    named = tuple(known_as.get(UUID(each), UUID(each)) for each in row.parent_ids)
    return DecisionTaken(on=on, what=what, by_role=by_role, parent_ids=named)


def _improvement(row: Any, known_as: Mapping[UUID, UUID]) -> ImprovementHistory:
    return ImprovementHistory(
        notice_id=row.id,
        parent_id=known_as.get(row.parent_id, row.parent_id),
        issued_on=row.issued_on,
        served=served_notice(row, row.served_on) if row.served_on else None,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        outcome=row.status if row.ended_on else None,
        outcome_on=row.ended_on,
    )
