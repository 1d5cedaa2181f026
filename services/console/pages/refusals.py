"""A service's refusal as the sentences of an error summary."""

from collections.abc import Mapping
from uuid import UUID

from services.console.clients import Refused
from services.console.pages.forms import FormErrors
from services.console.responses.problems import ProblemItem

_FIELDS = {"contact": "contact_name", "offence": "offence_from", "code": "outcome"}
"""The field on our page for a field of the service that has another name."""


def sentences(refusal: Refused, names: Mapping[UUID, str] | None = None) -> FormErrors:
    """Return one error for each thing that is wrong or missing, with the parent's name where `names` has it."""
    by_id = {str(parent_id): name for parent_id, name in (names or {}).items()}
    found = []
    problem = refusal.problem
    for item in problem.errors or problem.obstacles or [each for each in problem.missing or () if isinstance(each, ProblemItem)]:
        parent = by_id.get(item.parent_id or "")
        text = item.what or item.detail or refusal.title
        found.append((_field(item), f"{parent}: {text}" if parent else text))
    return list(dict.fromkeys(found)) or [("", refusal.detail or refusal.title)]


def _field(item: ProblemItem) -> str:
    where = [str(name) for name in item.where or () if name != "body"]
    return _FIELDS.get(where[0], where[0]) if where else ""
