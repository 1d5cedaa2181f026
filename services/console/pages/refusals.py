"""A service's refusal as the sentences of an error summary."""

from collections.abc import Mapping
from uuid import UUID

from services.console.clients import Refused, ServiceDown
from services.console.pages.forms import FormErrors
from services.console.responses.problems import ProblemItem
from services.console.wording import field_error, with_days_in_full

_OF_NO_PARENT: Mapping[UUID, str] = {}


def sentences(refusal: Refused, names: Mapping[UUID, str] = _OF_NO_PARENT, fields: Mapping[str, str] | None = None) -> FormErrors:
    """Return one error for each thing that is wrong or missing, at its field, with the parent's name where `names` has it.

    `fields`: the field of the form for a field of the service (`offence.to`), for a code of a refusal, or for `parent_id`, where they differ.
    """
    by_id = {str(parent_id): name for parent_id, name in names.items()}
    found = []
    problem = refusal.problem
    for item in problem.errors or problem.obstacles or [each for each in problem.missing or () if isinstance(each, ProblemItem)]:
        parent = by_id.get(item.parent_id or "")
        text = field_error(item.what) if item.what else with_days_in_full(item.detail or refusal.title)
        found.append((_field(item, fields or {}), f"{parent}: {text}" if parent else text))
    return list(dict.fromkeys(found)) or [("", with_days_in_full(refusal.detail or refusal.title))]


def errors_of(failure: Refused | ServiceDown, fields: Mapping[str, str] | None = None) -> FormErrors:
    """Return what is wrong with a form that registers did not take; raise a refusal that is about something else than the form."""
    if isinstance(failure, ServiceDown):
        return [("", "The service for registers does not answer. Wait a minute and send it again")]
    if failure.status not in {404, 409, 422}:
        raise failure
    return sentences(failure, fields=fields)


def _field(item: ProblemItem, fields: Mapping[str, str]) -> str:
    """Return the field of the form that is at fault: by its full path in the body, by the start of it, by the code, or by the parent named."""
    where = [str(name) for name in item.where or () if name != "body" and not str(name).isdecimal()]
    paths = [".".join(where[:length]) for length in range(len(where), 0, -1)]
    keys = [*paths, item.code or "", *(["parent_id"] if item.parent_id else [])]
    return next((fields[key] for key in keys if key in fields), where[0] if where else "")
