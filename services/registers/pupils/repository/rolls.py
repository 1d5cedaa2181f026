"""Pupils' spells on every roll, and where two rolls overlap."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from services.registers.marks.domain.rolls import Overlap, Spell
from shared.database import Transaction
from shared.database.rows import fetch_all

# Once for every UPN that the pupil has or had, so that a register finds its pupils in one index under either. At one school a UPN finds one
# pupil: one that is asserted for a pupil as well as another one's is that of whom it found there first.
_ADD_SPELLS = """
    INSERT INTO roll_spells (urn, upn, pupil_id, admitted_on, left_on)
    SELECT :urn, upns.upn, spell.pupil_id, spell.admitted_on, spell.left_on
    FROM unnest(CAST(:pupils AS uuid[]), CAST(:admitted AS date[]), CAST(:left AS date[])) AS spell (pupil_id, admitted_on, left_on)
    JOIN {numbers} AS upns ON upns.pupil_id = spell.pupil_id
    WHERE NOT EXISTS (
        SELECT FROM asserted_upns AS asserted JOIN roll_spells AS found ON found.upn = asserted.upn
        WHERE asserted.upn = upns.upn AND found.urn = :urn AND found.pupil_id <> spell.pupil_id
    )
"""
_ADD_OWN_SPELLS, _ADD_ASSERTED_SPELLS = (text(_ADD_SPELLS.format(numbers=numbers)) for numbers in ("upns", "asserted_upns"))

_REMOVE_SPELLS = text("DELETE FROM roll_spells WHERE urn = :urn AND pupil_id = ANY(CAST(:pupils AS uuid[]))")

# Pupil by pupil (OFFSET 0, within DISTINCT), or the planner may read the roll of each school, or all rolls in their order, again for each pupil.
_ROLLS = text("""
    SELECT spell.pupil_id, spell.urn, school.name, school.la_code, spell.admitted_on, spell.left_on
    FROM unnest(CAST(:ids AS uuid[])) AS asked (pupil_id)
    CROSS JOIN LATERAL (
        SELECT DISTINCT found.*
        FROM (SELECT pupil_id, urn, admitted_on, left_on FROM roll_spells WHERE roll_spells.pupil_id = asked.pupil_id OFFSET 0) AS found
    ) AS spell
    JOIN schools AS school ON school.urn = spell.urn
    CROSS JOIN LATERAL (
        SELECT FROM pupils_at_schools AS here
        WHERE here.urn = spell.urn AND here.pupil_id = spell.pupil_id AND here.claim IN ('accepted', 'confirmed') OFFSET 0
    ) AS here
    ORDER BY spell.admitted_on, spell.urn
""")

_CLEAR_OVERLAPS = text("""
    UPDATE roll_spells SET shared_from = NULL, shared_to = NULL
    WHERE pupil_id = ANY(CAST(:pupils AS uuid[])) AND shared_from IS NOT NULL
""")

# The rows are found by pupil first (OFFSET 0), and once (MATERIALIZED), or the planner may read the roll of the school again for each of its pupils.
_SET_OVERLAPS = text("""
    WITH shared AS MATERIALIZED (
        SELECT held.urn, held.upn, held.admitted_on, overlap.first, overlap.last
        FROM unnest(CAST(:pupils AS uuid[]), CAST(:urns AS integer[]), CAST(:admitted AS date[]), CAST(:first AS date[]), CAST(:last AS date[]))
             AS overlap (pupil_id, urn, admitted_on, first, last)
        CROSS JOIN LATERAL (
            SELECT urn, upn, admitted_on FROM roll_spells WHERE roll_spells.pupil_id = overlap.pupil_id OFFSET 0
        ) AS held
        WHERE (held.urn, held.admitted_on) = (overlap.urn, overlap.admitted_on)
    )
    UPDATE roll_spells AS spell SET shared_from = shared.first, shared_to = shared.last FROM shared
    WHERE (spell.urn, spell.upn, spell.admitted_on) = (shared.urn, shared.upn, shared.admitted_on)
""")


@dataclass(frozen=True, slots=True)
class RollRow:
    """A pupil's stay on a school's roll."""

    pupil_id: UUID
    urn: int
    name: str
    la_code: str
    admitted_on: date
    left_on: date | None

    @property
    def spell(self) -> Spell:
        """The stay alone."""
        return Spell(self.urn, self.admitted_on, self.left_on)


async def rolls(tx: Transaction, pupil_id: UUID) -> list[RollRow]:
    """Return a pupil's spells on every roll, without those that await an officer or were refused."""
    return (await rolls_of(tx, [pupil_id]))[pupil_id]


async def rolls_of(tx: Transaction, pupil_ids: Iterable[UUID]) -> dict[UUID, list[RollRow]]:
    """Return the spells of several pupils on every roll, without those that await an officer or were refused."""
    found: dict[UUID, list[RollRow]] = {pupil_id: [] for pupil_id in pupil_ids}
    for row in await fetch_all(tx, _ROLLS, RollRow, {"ids": list(found)}):
        found[row.pupil_id].append(row)
    return found


async def replace_spells(tx: Transaction, urn: int, spells: Mapping[UUID, Sequence[Spell]]) -> None:
    """Make the look-up rows of pupils' spells on one roll anew, under every UPN that they have or had."""
    await tx.execute(_REMOVE_SPELLS, {"urn": urn, "pupils": list(spells)})
    rows = [(pupil_id, spell) for pupil_id, each in spells.items() for spell in each]
    admitted, left = [spell.admitted_on for _, spell in rows], [spell.left_on for _, spell in rows]
    for statement in (_ADD_OWN_SPELLS, _ADD_ASSERTED_SPELLS):
        await tx.execute(statement, {"urn": urn, "pupils": [pupil_id for pupil_id, _ in rows], "admitted": admitted, "left": left})


async def set_overlaps(tx: Transaction, overlaps: Mapping[UUID, Sequence[Overlap]]) -> None:
    """Note on each spell of these pupils in which stretch another school has the pupil too."""
    await tx.execute(_CLEAR_OVERLAPS, {"pupils": list(overlaps)})
    rows = [(pupil_id, each) for pupil_id, stretches in overlaps.items() for each in stretches]
    if rows:
        sent = {
            "pupils": [pupil_id for pupil_id, _ in rows],
            "urns": [each.spell.urn for _, each in rows],
            "admitted": [each.spell.admitted_on for _, each in rows],
            "first": [each.start for _, each in rows],
            "last": [each.to for _, each in rows],
        }
        await tx.execute(_SET_OVERLAPS, sent)
