"""The steps of a case as one person may take them: for which parent now, and for which not, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.console.pages.case_forms import CASE_ACTIONS
from services.console.responses.cases import Case
from services.console.wording import lines

THIS_PARENT = "this parent"
"""How a service names the parent whose matter it answers about."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `whom`: for which parents it is possible now, where not for each of them; `obstacles`: a sentence each."""

    slug: str
    title: str
    allowed: bool
    whom: str
    obstacles: tuple[str, ...]


def steps_of(case: Case) -> list[Step]:
    """Return the steps that a person of this role may ever take in a case, in the order in which they follow each other."""
    return [
        Step(action.slug, action.title, permission.allowed, _whom(case, action.name), tuple(obstacles(case, action.name)))
        for action in CASE_ACTIONS
        if (permission := case.permissions.get(action.name)) and not permission.other_role
    ]


def obstacles(case: Case, action: str) -> list[str]:
    """Return why a step is not possible, a sentence each: once where it holds for every parent, otherwise with the parent's name."""
    permission = case.permissions.get(action)
    refused = _by_parent(case, action)
    if not any(refused.values()):
        return [] if permission is None or permission.allowed else lines(permission.why_not or "The case does not offer this step.")
    shared = [text for text in next(iter(refused.values())) if THIS_PARENT not in text and all(text in each for each in refused.values())]
    own = [_about(name, text) for name, texts in refused.items() for text in texts if text not in shared]
    return [*shared, *own]


def _by_parent(case: Case, action: str) -> Mapping[str, list[str]]:
    """Return what stands in the way of a step for each parent who has a matter, by the parent's name."""
    found = {case.names[parent.id]: parent.matter.permissions.get(action) for parent in case.parents if parent.matter}
    return {name: [] if each.allowed else lines(each.why_not or "") for name, each in found.items() if each}


def _about(name: str, text: str) -> str:
    return text.replace(THIS_PARENT, name) if THIS_PARENT in text else f"{name}: {text}"


def _whom(case: Case, action: str) -> str:
    refused = _by_parent(case, action)
    return " and ".join(name for name, texts in refused.items() if not texts) if any(refused.values()) else ""
