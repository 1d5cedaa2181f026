"""The chronology of a case, and how a notice was served, as events carry them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.penalties.case_file.domain.facts import Decision
from services.penalties.case_file.domain.notices import ImprovementNotice, PenaltyNotice
from services.penalties.case_file.repository.cases import agreements_of, decisions_of
from services.penalties.case_file.repository.notices import improvement_notices_of
from services.penalties.case_file.use_cases.load import CurrentIds, current_ids
from shared.contracts.penalties import DecisionTaken, ImprovementHistory, ServedNotice
from shared.database import Transaction


@dataclass(frozen=True, slots=True)
class Chronology:
    """The Notices to Improve of a case and the steps that people took, in order, each with the parents whom it concerns."""

    improvement_notices: tuple[ImprovementHistory, ...] = ()
    decisions: tuple[DecisionTaken, ...] = ()

    def of_parent(self, parent_id: UUID) -> "Chronology":
        """Return what concerns one parent."""
        mine = tuple(each for each in self.improvement_notices if each.parent_id == parent_id)
        return Chronology(mine, tuple(each for each in self.decisions if not each.parent_ids or parent_id in each.parent_ids))


async def chronology_of(tx: Transaction, case_id: UUID, pupil_id: UUID, before: datetime | None = None) -> Chronology:
    """Return a case's chronology, up to an instant or all of it; a parent who had several ids appears under the one that holds now."""
    current = await current_ids(tx, pupil_id)
    taken = [(each.decided_at, _decided(each, current)) for each in await decisions_of(tx, case_id)]
    for each in await agreements_of(tx, case_id):
        what = f"authority {'agreed' if each.agreed else 'declined'}: {each.recommendation}"
        taken.append((each.agreed_at, DecisionTaken(on=each.agreed_on, what=what, by_role=each.agreed_by_role)))
    issued = [notice for notice in await improvement_notices_of(tx, case_id) if before is None or notice.issued_at < before]
    steps = [step for at, step in sorted(taken, key=lambda each: each[0]) if before is None or at < before]
    return Chronology(tuple(_improvement(notice, current) for notice in issued), tuple(steps))


def served_notice(notice: ImprovementNotice | PenaltyNotice) -> ServedNotice:
    """Return how and when a notice was served; raise LookupError before."""
    proof = notice.proof
    if proof is None:
        raise LookupError("the notice has not been served")
    return ServedNotice.of(proof, notice_id=notice.id)


def _decided(decision: Decision, current: CurrentIds) -> DecisionTaken:
    what, parent_ids = f"decided: {decision.decision}", current.of_all(decision.parent_ids)
    return DecisionTaken(on=decision.decided_on, what=what, by_role=decision.decided_by_role, parent_ids=parent_ids)


def _improvement(notice: ImprovementNotice, current: CurrentIds) -> ImprovementHistory:
    return ImprovementHistory.of(
        notice,
        notice_id=notice.id,
        parent_id=current[notice.parent_id],
        served=served_notice(notice) if notice.proof else None,
        outcome=notice.status if notice.ended_on else None,
        outcome_on=notice.ended_on,
    )
