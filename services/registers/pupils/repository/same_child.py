"""Which records are of one child."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text, update

from services.registers.pupils.domain.differences import ESTABLISHED
from services.registers.pupils.domain.same_child import Merger, Record, WrongBirthDate
from services.registers.tables.parents import pupil_parents
from services.registers.tables.pupils import pupil_mergers, pupils, pupils_at_schools
from services.registers.tables.schools import schools
from shared.database import Transaction
from shared.database.paging import Listed, Order, PageQuery, fetch_page
from shared.database.rows import fetch_one

_CHILDREN = text("""
    WITH asked AS (
        SELECT coalesce(merger.survivor, asked.id) AS child FROM unnest(CAST(:ids AS uuid[])) AS asked (id)
        LEFT JOIN pupil_mergers AS merger ON merger.absorbed = asked.id AND merger.undone_at IS NULL
    )
    SELECT child AS record, child FROM asked
    UNION SELECT absorbed, survivor FROM pupil_mergers JOIN asked ON survivor = child WHERE undone_at IS NULL
""")

# Later decisions come last, and count.
_RIGHT_BIRTHS = text("""
    SELECT merger.wrong_birth AS pupil_id, other.date_of_birth FROM pupil_mergers AS merger
    JOIN pupils AS other ON other.id IN (merger.survivor, merger.absorbed) AND other.id <> merger.wrong_birth
    WHERE merger.undone_at IS NULL AND merger.wrong_birth = ANY(CAST(:ids AS uuid[]))
      AND (merger.survivor = ANY(CAST(:ids AS uuid[])) OR merger.absorbed = ANY(CAST(:ids AS uuid[]))) ORDER BY merger.id
""")

_NAMES = (
    "id", "survivor", "absorbed", "reason", "wrong_birth", "wrong_birth_reason", "decided_at", "decided_by", "undone_at", "undone_by",
    "undoing_reason",
)  # fmt: skip
_survivor, _absorbed = pupils.alias("survivor"), pupils.alias("absorbed")
_MERGER = (
    select(*(pupil_mergers.c[name] for name in _NAMES), _survivor.c.upn.label("survivor_upn"), _absorbed.c.upn.label("absorbed_upn"))
    .join(_survivor, _survivor.c.id == pupil_mergers.c.survivor)
    .join(_absorbed, _absorbed.c.id == pupil_mergers.c.absorbed)
)


async def child_of(tx: Transaction, pupil_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return every record of the children of whom these are records, and the record under which each child is known."""
    return {row.record: row.child for row in await tx.execute(_CHILDREN, {"ids": list(pupil_ids)})}


async def other_records(tx: Transaction, pupil_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Return every record of these children, and the other records of the same child: nearly always none."""
    child = await child_of(tx, pupil_ids)
    records: dict[UUID, list[UUID]] = {}
    for record, own in child.items():
        records.setdefault(own, []).append(record)
    return {record: [each for each in records[own] if each != record] for record, own in child.items()}


async def right_births(tx: Transaction, pupil_ids: Iterable[UUID]) -> dict[UUID, date]:
    """Return the right date of birth of each of these records of which an officer decided that it is wrong."""
    return {row.pupil_id: row.date_of_birth for row in await tx.execute(_RIGHT_BIRTHS, {"ids": list(pupil_ids)})}


async def birth_of(tx: Transaction, child: UUID) -> date | None:
    """Return when a child was born, as `births_of` does; None where there is no such record."""
    return (await births_of(tx, [child])).get(child)


async def births_of(tx: Transaction, children: Iterable[UUID]) -> dict[UUID, date]:
    """Return when children were born, by the record under which each is known or an officer's decision; nothing where there is no such record."""
    asked = list(children)
    born = await tx.execute(select(pupils.c.id, pupils.c.date_of_birth).where(pupils.c.id.in_(asked)))
    return {row.id: row.date_of_birth for row in born} | await right_births(tx, asked)


async def add(tx: Transaction, merger: Merger, role: str) -> None:
    """Store that two records are of one child."""
    wrong = merger.wrong_birth_date
    values = {name: getattr(merger, name) for name in ("id", "reason", "decided_at", "decided_by")}
    births = {"wrong_birth": wrong.pupil_id, "wrong_birth_reason": wrong.reason} if wrong else {}
    two = {"survivor": merger.survivor.pupil_id, "absorbed": merger.absorbed.pupil_id}
    await tx.execute(insert(pupil_mergers).values(**values, **two, **births, role=role))


async def undo(tx: Transaction, merger: Merger, role: str) -> None:
    """Store that they are not, as `undone_…` has it."""
    values = {name: getattr(merger, name) for name in ("undone_at", "undone_by", "undoing_reason")}
    await tx.execute(update(pupil_mergers).where(pupil_mergers.c.id == merger.id).values(**values, undone_role=role))


async def merger(tx: Transaction, merger_id: UUID) -> Merger | None:
    """Return a merger."""
    return await fetch_one(tx, _MERGER.where(pupil_mergers.c.id == merger_id), _merger)


async def merger_page(tx: Transaction, page: PageQuery, la_code: str | None) -> Listed[Merger]:
    """Return mergers, undone ones too, the oldest first: of one authority's pupils, or all."""
    query = _MERGER
    if la_code is not None:
        there = select(pupils_at_schools.c.pupil_id).join(schools, schools.c.urn == pupils_at_schools.c.urn)
        there = there.where(schools.c.la_code == la_code, pupils_at_schools.c.claim.in_(ESTABLISHED))
        query = query.where(pupil_mergers.c.survivor.in_(there) | pupil_mergers.c.absorbed.in_(there))
    return await fetch_page(tx, query, _merger, Order((pupil_mergers.c.id,)), page)


async def links_of(tx: Transaction, pupil_id: UUID) -> dict[int, list[tuple[UUID, str]]]:
    """Return a record's present parents, as (record, reference), by the school that named them."""
    found: dict[int, list[tuple[UUID, str]]] = {}
    query = select(pupil_parents.c.urn, pupil_parents.c.ref).where(pupil_parents.c.pupil_id == pupil_id, pupil_parents.c.ended_at.is_(None))
    for row in await tx.execute(query.order_by(pupil_parents.c.urn, pupil_parents.c.ref)):
        found.setdefault(row.urn, []).append((pupil_id, row.ref))
    return found


def _merger(
    *,
    survivor: UUID,
    survivor_upn: str,
    absorbed: UUID,
    absorbed_upn: str,
    wrong_birth: UUID | None,
    wrong_birth_reason: str,
    **columns: Any,
) -> Merger:
    one, other = Record(survivor, survivor_upn), Record(absorbed, absorbed_upn)
    wrong = one if wrong_birth == survivor else other
    birth = WrongBirthDate(wrong.pupil_id, wrong.upn, wrong_birth_reason) if wrong_birth else None
    return Merger(survivor=one, absorbed=other, wrong_birth_date=birth, **columns)
