"""What stands in the way of a step: listed all at once, so that nobody has to try again to learn the next thing."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from services.penalties.case_file.domain.facts import CaseFile


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is missing, and for which parent (None: for all)."""

    code: str
    text: str
    parent_id: UUID | None = None

    def as_json(self) -> dict[str, str]:
        """Return it as a problem names it."""
        more = {} if self.parent_id is None else {"parent_id": str(self.parent_id)}
        return {"code": self.code, "detail": self.text, **more}


Refusals = tuple[Refusal, ...]


def standing_refusals(case: CaseFile) -> Iterable[Refusal]:
    """Yield what stops every notice of a case: it is closed, the threshold was withdrawn, or something awaits an officer's clearance."""
    if case.status != "open":
        yield Refusal("case-closed", "The case is closed.")
    if case.threshold == "withdrawn":
        yield Refusal("threshold-withdrawn", "Marks were amended, or leave was granted for their days: the threshold is no longer met.")
    if case.held:
        yield Refusal("held", "A mark relied on has changed or a letter came back, and no officer has cleared it.")


def liability_refusals(case: CaseFile, parent_ids: Iterable[UUID]) -> Iterable[Refusal]:
    """Yield a refusal for each person of whom nothing shows that they are a parent (Education Act 1996 s.576)."""
    unshown = {parent.id for parent in case.parents if parent.parent_by is None}
    for parent_id in parent_ids:
        if parent_id in unshown:
            text = (
                "Nothing recorded shows that this contact is a parent in law: record whether by birth, parental responsibility or care, "
                "and what shows it."
            )
            yield Refusal("parent-by", text, parent_id)


def match_refusals(case: CaseFile, parent_id: UUID) -> Iterable[Refusal]:
    """Yield a refusal while it is open whether the parent is the same person as another: the cap of two is per parent and child."""
    if any(parent.id == parent_id and parent.open_match for parent in case.parents):
        yield Refusal(
            "open-match", "It is open whether this parent is the same person as another one: an officer has yet to say.", parent_id
        )
