"""Who is a parent of the pupil in law, and who allowed the absence: what people recorded, and what holds of it.

Education Act 1996 s.576: a natural parent, or who has parental responsibility for or care of the child. A contact that a school's system sent
is nobody's parent by that alone.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

ParentBy = Literal["birth", "parental-responsibility", "care"]
"""What makes somebody a parent."""
Basis = Literal["allowed", "could-have-prevented"]
"""Why the absence of this case is theirs to answer for."""


@dataclass(frozen=True, slots=True)
class LiabilityEntry:
    """What a person wants recorded of one parent."""

    parent_id: UUID
    parent_by: ParentBy | None = None
    basis: Basis | None = None
    shown_by: str | None = None


@dataclass(frozen=True, slots=True)
class LiabilityRecord:
    """What a named person recorded of one parent, or, with a `withdrawal_reason`, that it was wrong. Records are only ever added."""

    id: UUID
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    parent_by: ParentBy | None
    basis: Basis | None
    shown_by: str | None
    withdrawal_reason: str | None
    recorded_on: date
    recorded_at: datetime
    recorded_by: str
    recorded_by_role: str
    recorded_by_subject: str


@dataclass(frozen=True, slots=True)
class Liability:
    """What holds of one parent: None where nobody has recorded it."""

    parent_by: ParentBy | None = None
    basis: Basis | None = None


def recorded_liability(records: Iterable[LiabilityRecord], parent_id: UUID, case_id: UUID) -> Liability:
    """Return what the records of a child, oldest first, come to for one parent: the last word holds, and a withdrawal takes back all of it.

    What makes them a parent holds in each of the child's cases, who allowed the absence in its own case alone.
    """
    parent_by, basis = None, None
    for record in records:
        if record.parent_id != parent_id:
            continue
        parent_by = None if record.withdrawal_reason else record.parent_by or parent_by
        if record.withdrawal_reason:
            basis = None
        elif record.case_id == case_id:
            basis = record.basis or basis
    return Liability(parent_by, basis)


def born_to(relationships: Iterable[str | None], by_birth: Collection[str]) -> bool:
    """Return whether schools describe somebody as the child's mother or father, and none of them as anybody else."""
    described = {relationship.strip().casefold() for relationship in relationships if relationship and relationship.strip()}
    return bool(described) and described.issubset(by_birth)
