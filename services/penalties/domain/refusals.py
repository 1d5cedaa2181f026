"""What stands in the way of a step: said all at once, so that nobody has to try again to learn the next thing."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is missing, and for which parent (null: for all)."""

    code: str
    text: str
    parent_id: UUID | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as a problem names it."""
        more = {} if self.parent_id is None else {"parent_id": str(self.parent_id)}
        return {"code": self.code, "detail": self.text, **more}


Refusals = tuple[Refusal, ...]
