"""Pupils, the records of one child, rolls, parents, calendars and amended marks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, insert, literal, or_, select, text, union, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.penalties.tables.projections import calendars, former_upns, marks, pupil_parents, pupils, rolls
from shared.database import Transaction

_ABSORBED = text("""
    SELECT id, same_as FROM pupils WHERE same_as IS NOT NULL AND (
        same_as = ANY(CAST(:ids AS uuid[]))
        OR same_as IN (SELECT same_as FROM pupils WHERE same_as IS NOT NULL AND id = ANY(CAST(:ids AS uuid[])))
    )
""")


def records_of(pupil_id: UUID | ColumnElement[Any]) -> Select[Any]:
    """Return the query for the ids of every record of a child, this one among them."""
    return select(func.records_of(pupil_id).column_valued("record"))


async def absorbed(tx: Transaction, pupil_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return, of the children of whom these are records, every record but the one that survives: whose record it is."""
    return {row.id: row.same_as for row in await tx.execute(_ABSORBED, {"ids": list(pupil_ids)})}


async def store_same_as(tx: Transaction, pupil_id: UUID, same_as: UUID | None) -> None:
    """Store of which child a record is another one; None: of its own."""
    changed = update(pupils).where(pupils.c.id == pupil_id, pupils.c.same_as.is_distinct_from(same_as))
    await tx.execute(changed.values(same_as=same_as))


_WITH_OPEN_CASE = text("SELECT pupil_id FROM cases WHERE status = 'open' AND pupil_id = ANY(CAST(:ids AS uuid[]))")
_SAVE_MARKS = text("""
    INSERT INTO marks AS known (pupil_id, date, session, urn, code, version)
    SELECT DISTINCT ON (pupil_id, date, session, urn) pupil_id, date, session, urn, code, version
    FROM unnest(CAST(:pupil_ids AS uuid[]), CAST(:dates AS date[]), CAST(:sessions AS text[]), CAST(:urns AS integer[]),
                CAST(:codes AS text[]), CAST(:versions AS integer[])) AS new (pupil_id, date, session, urn, code, version)
    ORDER BY pupil_id, date, session, urn, version DESC
    ON CONFLICT (pupil_id, date, session, urn) DO UPDATE SET code = excluded.code, version = excluded.version
    WHERE known.version < excluded.version
""")


async def claim_revision(tx: Transaction, pupil_id: UUID, column: str, revision: int) -> bool:
    """Note that `roll_revision` or `parents_revision` of a pupil is now this one; False where it is not newer than what is known."""
    await tx.execute(upsert(pupils).values(id=pupil_id).on_conflict_do_nothing())
    newer = update(pupils).where(pupils.c.id == pupil_id, pupils.c[column] < revision).values({column: revision})
    return (await tx.execute(newer)).rowcount > 0


async def store_upn(tx: Transaction, pupil_id: UUID, upn: str) -> None:
    """Store the UPN that a pupil has."""
    await tx.execute(update(pupils).where(pupils.c.id == pupil_id).values(upn=upn))


def pupils_by_upn(upn: str) -> Select[Any]:
    """Return the query for the ids of the pupils who have or had this UPN, with every record of the same children."""
    named = union(select(pupils.c.id).where(pupils.c.upn == upn), select(former_upns.c.pupil_id).where(former_upns.c.upn == upn)).subquery()
    return select(func.records_of(named.c.id))


async def replace_rolls(tx: Transaction, pupil_id: UUID, spells: Sequence[Mapping[str, Any]]) -> None:
    """Store all of a pupil's stays on rolls, in place of what was."""
    await tx.execute(delete(rolls).where(rolls.c.pupil_id == pupil_id))
    if spells:
        await tx.execute(insert(rolls), [{"pupil_id": pupil_id, **spell} for spell in spells])


async def replace_parents(tx: Transaction, pupil_id: UUID, parents: Sequence[Mapping[str, Any]]) -> None:
    """Store all parents of a pupil, by school, in place of what was."""
    await tx.execute(delete(pupil_parents).where(pupil_parents.c.pupil_id == pupil_id))
    if parents:
        await tx.execute(insert(pupil_parents), [{"pupil_id": pupil_id, **parent} for parent in parents])


async def save_calendar(tx: Transaction, urn: int, year: str, open_days: Sequence[date], revision: int) -> None:
    """Store a school year's open days, unless newer ones are stored."""
    days = [day.isoformat() for day in open_days]
    new = upsert(calendars).values(urn=urn, year=year, open_days=days, revision=revision)
    stored = new.on_conflict_do_update(
        index_elements=["urn", "year"],
        set_={"open_days": new.excluded.open_days, "revision": new.excluded.revision},
        where=calendars.c.revision < new.excluded.revision,
    )
    await tx.execute(stored)


async def calendar_rows(tx: Transaction, urn: int) -> Sequence[Any]:
    """Return every school year known of a school: year, open_days."""
    return (await tx.execute(select(calendars.c.year, calendars.c.open_days).where(calendars.c.urn == urn))).all()


async def pupils_with_open_case(tx: Transaction, pupil_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return those of the pupils who have an open case, on whichever record of the child."""
    asked = set(pupil_ids)
    child = await absorbed(tx, asked)
    found = frozenset((await tx.execute(_WITH_OPEN_CASE, {"ids": [*asked, *child, *child.values()]})).scalars())
    children = {child.get(each, each) for each in found}
    return frozenset(each for each in asked if child.get(each, each) in children)


async def save_marks(tx: Transaction, new: Sequence[Mapping[str, Any]]) -> None:
    """Store marks of pupils with an open case where their version is newer, in one statement."""
    names = {"pupil_ids": "pupil_id", "dates": "date", "sessions": "session", "urns": "urn", "codes": "code", "versions": "version"}
    await tx.execute(_SAVE_MARKS, {name: [mark[column] for mark in new] for name, column in names.items()})


async def amended_marks(tx: Transaction, pupil_id: UUID) -> Sequence[Any]:
    """Return the marks of a pupil that changed since the case was opened."""
    return (await tx.execute(select(marks).where(marks.c.pupil_id.in_(records_of(pupil_id))))).all()


async def delete_marks(tx: Transaction, pupil_id: UUID) -> None:
    """Drop the marks of a pupil's records: the case is closed."""
    await tx.execute(delete(marks).where(marks.c.pupil_id.in_(records_of(pupil_id))))


async def upn_of(tx: Transaction, pupil_id: UUID) -> str | None:
    """Return the UPN by which a child is known, null while no roll was heard of."""
    known = select(pupils.c.upn).where(pupils.c.id.in_(records_of(pupil_id)), pupils.c.upn.is_not(None))
    found: str | None = (await tx.execute(known.order_by(pupils.c.same_as.nulls_first(), pupils.c.id).limit(1))).scalar()
    return found


async def parent_rows(tx: Transaction, pupil_id: UUID) -> Sequence[Any]:
    """Return a pupil's parents, school by school, in a lasting order."""
    mine = select(pupil_parents).where(pupil_parents.c.pupil_id.in_(records_of(pupil_id)))
    return (await tx.execute(mine.order_by(pupil_parents.c.parent_id, pupil_parents.c.urn))).all()


async def present_rolls(tx: Transaction, pupil_id: UUID, today: date) -> Sequence[Any]:
    """Return the rolls on which a pupil is today, the latest admission first."""
    present = select(rolls).where(
        rolls.c.pupil_id.in_(records_of(pupil_id)),
        rolls.c.admitted_on <= literal(today),
        or_(rolls.c.left_on.is_(None), rolls.c.left_on >= literal(today)),
    )
    return (await tx.execute(present.order_by(rolls.c.admitted_on.desc(), rolls.c.urn))).all()
