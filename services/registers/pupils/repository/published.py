"""The state of a pupil in the last event about their rolls and their parents: only changes are published."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import TextClause, text

from shared.database import Transaction

_CHANGE = """
    UPDATE pupils SET revision = revision + 1, {column} = new.state
    FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS jsonb[])) AS new (id, state)
    WHERE pupils.id = new.id AND {column} IS DISTINCT FROM new.state AND ({column} IS NOT NULL OR new.state -> 'parents' IS DISTINCT FROM '[]')
    RETURNING pupils.id, pupils.revision
"""
_ROLLS, _PARENTS = text(_CHANGE.format(column="published_rolls")), text(_CHANGE.format(column="published_parents"))


async def change_rolls(tx: Transaction, states: Mapping[UUID, str]) -> dict[UUID, int]:
    """Store the state of pupils' rolls, as JSON, where it is another than the last one; return the revisions of those that changed."""
    return await _change(tx, _ROLLS, states)


async def change_parents(tx: Transaction, states: Mapping[UUID, str]) -> dict[UUID, int]:
    """Store the state of pupils' parents, as `change_rolls` does; no parents are no change where none were ever published."""
    return await _change(tx, _PARENTS, states)


async def _change(tx: Transaction, statement: TextClause, states: Mapping[UUID, str]) -> dict[UUID, int]:
    rows = await tx.execute(statement, {"ids": list(states), "states": list(states.values())})
    return {row.id: row.revision for row in rows}
