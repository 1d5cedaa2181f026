"""Which parents a step names."""

from collections.abc import Sequence
from uuid import UUID

from services.penalties.case_file.domain.facts import Case
from shared.problems import Invalid


class NotAParent(Invalid):
    """Someone named is no parent of this pupil."""


def named_parents(case: Case, parent_ids: Sequence[UUID] | None) -> tuple[UUID, ...]:
    """Return the parents named, each once, or all of them; raise NotAParent where one is none of the pupil's."""
    parents = tuple(parent.id for parent in case.parents)
    if parent_ids is None:
        return parents
    strangers = [str(parent_id) for parent_id in parent_ids if parent_id not in parents]
    if strangers:
        raise NotAParent("Not a parent of this pupil, as its schools know them.", parents=strangers)
    return tuple(dict.fromkeys(parent_ids))
