"""Parents as a case shows them."""

from typing import Any


def a_parent(parent_id: str, name: str, relationship: str, lives_with_pupil: bool | None = None) -> dict[str, Any]:
    """A mother or father, of whom nothing else was recorded."""
    shown = {"parent_by": "birth", "basis": None, "liability_basis": None}
    return {
        "id": parent_id,
        "name": name,
        "relationship": relationship,
        "lives_with_pupil": lives_with_pupil,
        "open_match": False,
    } | shown
