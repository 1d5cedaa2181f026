"""The evidence of a court file: sessions, the notices before it with the proof that they were served, and the decisions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from shared.attendance.dates import Period
from shared.attendance.sessions import Half

Offence = Literal["s444", "s103"]
PublishedFinding = Mapping[str, object]
"""A finding as events and responses carry it."""


@dataclass(frozen=True, slots=True)
class ReliedOnSession:
    """A session that the case relies on, with the code and the version that its mark had when it was relied on."""

    date: date
    session: Half
    code: str
    urn: int
    version: int


@dataclass(frozen=True, slots=True)
class ProofOfServing:
    """How and when a notice reached the parent."""

    notice_id: UUID
    method: str
    posted_on: date
    received_on: date
    proof_id: UUID


@dataclass(frozen=True, slots=True)
class NamedProof(ProofOfServing):
    """A proof of serving with the name of the document that was served."""

    what: str

    @classmethod
    def of(cls, what: str, proof: ProofOfServing) -> "NamedProof":
        """Return a proof under the name of its document."""
        return cls(proof.notice_id, proof.method, proof.posted_on, proof.received_on, proof.proof_id, what)


@dataclass(frozen=True, slots=True)
class OverdueNotice:
    """A penalty notice as it was when it became overdue; amounts in pence."""

    kind: Literal["notice-to-improve", "penalty-notice", "excluded-pupil-notice"]
    reference: str
    issued_on: date
    served: ProofOfServing
    tier: Literal["first", "second", "flat"]
    early_pence: int
    full_pence: int
    early_deadline: date
    final_deadline: date
    overdue_from: date
    paid_pence: int
    offence: Period


@dataclass(frozen=True, slots=True)
class ImprovementNotice:
    """An earlier Notice to Improve. `parent_id` null: to the parent whom the file is about."""

    notice_id: UUID
    parent_id: UUID | None
    issued_on: date
    served: ProofOfServing | None
    starts_on: date | None
    ends_on: date | None
    outcome: str | None
    outcome_on: date | None


@dataclass(frozen=True, slots=True)
class CaseStep:
    """A decision in the case. Without `parent_ids` it concerns every parent."""

    on: date
    what: str
    by_role: str
    parent_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """The case that leads to a court file, with its evidence."""

    case_id: UUID
    pupil_id: UUID
    urn: int
    la_code: str
    sessions: tuple[ReliedOnSession, ...]
    improvement_notices: tuple[ImprovementNotice, ...]
    decisions: tuple[CaseStep, ...]
    findings: tuple[PublishedFinding, ...]

    def against(self, parent_id: UUID) -> "Case":
        """Return the case as it concerns one parent."""
        warnings = tuple(each for each in self.improvement_notices if each.parent_id in (None, parent_id))
        decisions = tuple(each for each in self.decisions if not each.parent_ids or parent_id in each.parent_ids)
        return replace(self, improvement_notices=warnings, decisions=decisions)
