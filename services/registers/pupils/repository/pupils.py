"""Pupils, as a person and as each school knows them, and their rolls."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.registers.marks.domain.rolls import Overlap, Spell
from services.registers.tables.pupils import pupils, pupils_at_schools, roll_spells, upns
from shared import clock
from shared.database import Transaction
from shared.ids import new_id

# `upns` decides whose a UPN is, present or former: two who send the same one at once make one pupil.
_MAKE = text("""
    WITH sent AS (
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:upns AS text[]), CAST(:births AS date[])) AS sent (id, upn, born)
        WHERE NOT EXISTS (SELECT FROM upns WHERE upns.upn = sent.upn)
    ), named AS (
        INSERT INTO upns (upn, pupil_id) SELECT upn, id FROM sent ORDER BY upn ON CONFLICT DO NOTHING RETURNING upn, pupil_id
    )
    INSERT INTO pupils (id, upn, date_of_birth, stored_by)
    SELECT named.pupil_id, named.upn, sent.born, :by FROM named JOIN sent USING (upn)
""")

_HOLD = text("""
    SELECT pupils.*, upns.upn AS known_as FROM pupils JOIN upns ON upns.pupil_id = pupils.id
    WHERE upns.upn = ANY(CAST(:upns AS text[])) ORDER BY pupils.id FOR NO KEY UPDATE OF pupils
""")

_SAY = """
    UPDATE pupils SET revision = revision + 1, {column} = said.state
    FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS jsonb[])) AS said (id, state)
    WHERE pupils.id = said.id RETURNING pupils.id, pupils.revision
"""
_SAY_ROLLS, _SAY_PARENTS = text(_SAY.format(column="published_rolls")), text(_SAY.format(column="published_parents"))

# Once for every UPN that the pupil has or had, so that a register finds its pupils in one index under either.
_ADD_SPELLS = text("""
    INSERT INTO roll_spells (urn, upn, pupil_id, admitted_on, left_on)
    SELECT :urn, upns.upn, spell.pupil_id, spell.admitted_on, spell.left_on
    FROM unnest(CAST(:pupils AS uuid[]), CAST(:admitted AS date[]), CAST(:left AS date[])) AS spell (pupil_id, admitted_on, left_on)
    JOIN upns ON upns.pupil_id = spell.pupil_id
""")

_ROLLS = text("""
    SELECT spell.*, school.name, school.la_code
    FROM roll_spells AS spell JOIN pupils AS pupil ON pupil.id = spell.pupil_id AND pupil.upn = spell.upn
    JOIN schools AS school ON school.urn = spell.urn
    WHERE spell.pupil_id = ANY(CAST(:ids AS uuid[])) ORDER BY spell.admitted_on, spell.urn
""")

_SHARE = text("""
    UPDATE roll_spells AS spell SET shared_from = share.first, shared_to = share.last
    FROM unnest(CAST(:pupils AS uuid[]), CAST(:urns AS integer[]), CAST(:admitted AS date[]), CAST(:first AS date[]), CAST(:last AS date[]))
         AS share (pupil_id, urn, admitted_on, first, last)
    WHERE (spell.pupil_id, spell.urn, spell.admitted_on) = (share.pupil_id, share.urn, share.admitted_on)
""")

# A school's own pupils are also those of the schools it continues, and of the ones that these continued.
_REACH = text("""
    WITH RECURSIVE own (urn) AS (
        SELECT unnest(CAST(:urns AS integer[])) UNION SELECT predecessor FROM successions JOIN own USING (urn)
    )
    SELECT EXISTS (SELECT FROM roll_spells JOIN own USING (urn) WHERE pupil_id IN (
        SELECT records_of(pupil_id) FROM upns WHERE upn = :upn UNION SELECT records_of(CAST(:pupil_id AS uuid))
    ))
""")

_AREA = text("""
    SELECT EXISTS (SELECT FROM roll_spells JOIN schools USING (urn) WHERE la_code = :la_code AND pupil_id IN (
        SELECT records_of(pupil_id) FROM upns WHERE upn = :upn UNION SELECT records_of(CAST(:pupil_id AS uuid))
    ))
""")


async def pupil_by_upn(tx: Transaction, upn: str) -> Row[Any] | None:
    """Return a pupil by a UPN that they have or had."""
    return (await tx.execute(select(pupils).join(upns, upns.c.pupil_id == pupils.c.id).where(upns.c.upn == upn))).first()


async def pupil(tx: Transaction, pupil_id: UUID) -> Row[Any] | None:
    """Return a pupil."""
    return (await tx.execute(select(pupils).where(pupils.c.id == pupil_id))).first()


async def hold_or_make(tx: Transaction, births: Mapping[str, date], by: str) -> dict[str, Row[Any]]:
    """Return the pupils with these UPNs, made where there were none, held until the end of the transaction."""
    sent = {"ids": [new_id() for _ in births], "upns": list(births), "births": list(births.values()), "by": by}
    await tx.execute(_MAKE, sent)
    return {row.known_as: row for row in await tx.execute(_HOLD, {"upns": list(births)})}


async def hold(tx: Transaction, pupil_ids: Iterable[UUID]) -> Sequence[Row[Any]]:
    """Return these pupils, held until the end of the transaction."""
    query = select(pupils).where(pupils.c.id == text("ANY(CAST(:ids AS uuid[]))")).order_by(pupils.c.id).with_for_update(key_share=True)
    return (await tx.execute(query, {"ids": list(pupil_ids)})).all()


async def change_births(tx: Transaction, births: Mapping[UUID, date], by: str) -> None:
    """Store other dates of birth in place of what was."""
    values = {"stored_by": by, "stored_at": clock.now()}
    for pupil_id, born in births.items():
        await tx.execute(update(pupils).where(pupils.c.id == pupil_id).values(date_of_birth=born, **values))


async def say_rolls(tx: Transaction, states: Mapping[UUID, str]) -> dict[UUID, int]:
    """Store what is being said about the rolls of pupils, as JSON; return the revisions to say it under."""
    return await _say(tx, _SAY_ROLLS, states)


async def say_parents(tx: Transaction, states: Mapping[UUID, str]) -> dict[UUID, int]:
    """Store what is being said about the parents of pupils, as JSON; return the revisions to say it under."""
    return await _say(tx, _SAY_PARENTS, states)


async def at_school(tx: Transaction, urn: int, pupil_ids: Iterable[UUID]) -> dict[UUID, Row[Any]]:
    """Return pupils as one school knows them."""
    query = select(pupils_at_schools).where(
        pupils_at_schools.c.urn == urn, pupils_at_schools.c.pupil_id == text("ANY(CAST(:ids AS uuid[]))")
    )
    return {row.pupil_id: row for row in await tx.execute(query, {"ids": list(pupil_ids)})}


async def latest_at_school(tx: Transaction, pupil_id: UUID) -> Row[Any] | None:
    """Return a pupil as the school knows them that said so last."""
    query = select(pupils_at_schools).where(pupils_at_schools.c.pupil_id == pupil_id)
    return (await tx.execute(query.order_by(pupils_at_schools.c.stored_at.desc()).limit(1))).first()


async def store_at_school(tx: Transaction, urn: int, known: Mapping[UUID, Mapping[str, Any]], by: str) -> None:
    """Store pupils as one school knows them, in place of what was."""
    if not known:
        return
    now = clock.now()
    rows = [{"urn": urn, "pupil_id": pupil_id, **known[pupil_id], "stored_by": by, "stored_at": now} for pupil_id in sorted(known)]
    query = insert(pupils_at_schools)
    replaced = {name: query.excluded[name] for name in rows[0] if name not in {"urn", "pupil_id"}}
    await tx.execute(query.on_conflict_do_update(index_elements=["urn", "pupil_id"], set_=replaced), rows)


async def rolls(tx: Transaction, pupil_id: UUID) -> Sequence[Row[Any]]:
    """Return a pupil's spells on every roll: urn, name, la_code, admitted_on, left_on, shared_from, shared_to."""
    return (await rolls_of(tx, [pupil_id]))[pupil_id]


async def rolls_of(tx: Transaction, pupil_ids: Iterable[UUID]) -> dict[UUID, list[Row[Any]]]:
    """Return the spells of several pupils on every roll."""
    found: dict[UUID, list[Row[Any]]] = {pupil_id: [] for pupil_id in pupil_ids}
    for row in await tx.execute(_ROLLS, {"ids": list(found)}):
        found[row.pupil_id].append(row)
    return found


async def replace_spells(tx: Transaction, urn: int, spells: Mapping[UUID, Sequence[Spell]]) -> None:
    """Make the look-up rows of pupils' spells on one roll anew."""
    gone = text("DELETE FROM roll_spells WHERE urn = :urn AND pupil_id = ANY(CAST(:pupils AS uuid[]))")
    await tx.execute(gone, {"urn": urn, "pupils": list(spells)})
    await add_spells(tx, urn, spells)


async def add_spells(tx: Transaction, urn: int, spells: Mapping[UUID, Sequence[Spell]]) -> None:
    """Add look-up rows of pupils' spells on one roll, under every UPN that they have or had."""
    rows = [(pupil_id, spell) for pupil_id, each in spells.items() for spell in each]
    admitted, left = [spell.admitted_on for _, spell in rows], [spell.left_on for _, spell in rows]
    await tx.execute(_ADD_SPELLS, {"urn": urn, "pupils": [pupil_id for pupil_id, _ in rows], "admitted": admitted, "left": left})


async def set_shared(tx: Transaction, shared: Mapping[UUID, Sequence[Overlap]]) -> None:
    """Note on each spell of these pupils in which stretch another school has the pupil too."""
    nobody = text("""
        UPDATE roll_spells SET shared_from = NULL, shared_to = NULL
        WHERE pupil_id = ANY(CAST(:pupils AS uuid[])) AND shared_from IS NOT NULL
    """)
    await tx.execute(nobody, {"pupils": list(shared)})
    rows = [(pupil_id, each) for pupil_id, stretches in shared.items() for each in stretches]
    if rows:
        sent = {
            "pupils": [pupil_id for pupil_id, _ in rows],
            "urns": [each.spell.urn for _, each in rows],
            "admitted": [each.spell.admitted_on for _, each in rows],
            "first": [each.start for _, each in rows],
            "last": [each.to for _, each in rows],
        }
        await tx.execute(_SHARE, sent)


async def pupils_of_school(tx: Transaction, urn: int) -> Sequence[UUID]:
    """Return everyone who is or was on a school's roll."""
    query = select(roll_spells.c.pupil_id).distinct().where(roll_spells.c.urn == urn).order_by(roll_spells.c.pupil_id)
    return (await tx.execute(query)).scalars().all()


async def was_ever_at(tx: Transaction, pupil_key: str, urns: Iterable[int]) -> bool:
    """Tell whether a pupil (by UPN or id) is or was on the roll of one of these schools, or of one that they continue."""
    return bool((await tx.execute(_REACH, {"urns": list(urns), **_keys(pupil_key)})).scalar())


async def was_ever_in_area(tx: Transaction, pupil_key: str, la_code: str) -> bool:
    """Tell whether a pupil (by UPN or id) is or was on the roll of a school of this authority."""
    return bool((await tx.execute(_AREA, {"la_code": la_code, **_keys(pupil_key)})).scalar())


def _keys(pupil_key: str) -> dict[str, Any]:
    # A path may hold anything.
    try:
        return {"upn": pupil_key, "pupil_id": UUID(pupil_key)}
    except ValueError:
        return {"upn": pupil_key, "pupil_id": None}


async def _say(tx: Transaction, query: Any, states: Mapping[UUID, str]) -> dict[UUID, int]:
    rows = await tx.execute(query, {"ids": list(states), "states": list(states.values())})
    return {row.id: row.revision for row in rows}
