"""What a service refused, as the sentences of an error summary."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from services.console.clients import Refused
from services.console.pages.steps import Errors

_FIELDS = {"contact": "contact_name", "offence": "offence_from", "code": "outcome"}
"""Where on our page the service's field is entered, if not under its own name."""


def sentences(refusal: Refused, names: Mapping[UUID, str] | None = None) -> Errors:
    """Return a refusal as the sentences of an error summary, one for each thing that is wrong or missing."""
    listed: Iterable[Mapping[str, Any]] = refusal.problem.get("errors") or refusal.problem.get("missing") or ()
    by_id = {str(parent_id): name for parent_id, name in (names or {}).items()}
    found = []
    for each in listed:
        whom = by_id.get(str(each.get("parent_id")))
        said = str(each.get("what") or each.get("detail") or refusal.title)
        found.append((_field(each), f"{whom}: {said}" if whom else said))
    return list(dict.fromkeys(found)) or [("", refusal.detail or refusal.title)]


def _field(error: Mapping[str, Any]) -> str:
    where = [str(part) for part in error.get("where") or () if part != "body"]
    return _FIELDS.get(where[0], where[0]) if where else ""
