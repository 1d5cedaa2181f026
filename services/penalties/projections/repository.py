"""Pupils, the records of one child, rolls, parents, calendars and amended marks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import delete, exists, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.penalties.tables import row_of, values_of
from services.penalties.tables.projections import calendars, former_upns, marks, pupil_parents, pupils, rolls
from shared.attendance.identities import merged_records, records_of
from shared.attendance.sessions import Half
from shared.contracts.registers import PupilParent, RollSpell
from shared.database import Transaction
from shared.database.rows import fetch_all, upsert

_WITH_OPEN_CASE = text("SELECT pupil_id FROM cases WHERE status = 'open' AND pupil_id = ANY(CAST(:ids AS uuid[]))")
_SAVE_MARKS = text("""
    INSERT INTO marks AS stored (pupil_id, date, session, urn, code, version)
    SELECT DISTINCT ON (pupil_id, date, session, urn) pupil_id, date, session, urn, code, version
    FROM unnest(CAST(:pupil_ids AS uuid[]), CAST(:dates AS date[]), CAST(:sessions AS text[]), CAST(:urns AS integer[]),
                CAST(:codes AS text[]), CAST(:versions AS integer[])) AS new (pupil_id, date, session, urn, code, version)
    ORDER BY pupil_id, date, session, urn, version DESC
    ON CONFLICT (pupil_id, date, session, urn) DO UPDATE SET code = excluded.code, version = excluded.version
    WHERE stored.version < excluded.version
""")


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """The days of a school year on which a school is open."""

    urn: int
    year: str
    open_days: tuple[date, ...]
    revision: int


class MarkRow(NamedTuple):
    """A mark in its latest version."""

    pupil_id: UUID
    date: date
    session: Half
    urn: int
    code: str
    version: int


async def claim_revision(tx: Transaction, pupil_id: UUID, column: Literal["roll_revision", "parents_revision"], revision: int) -> bool:
    """Store the revision of a pupil's rolls or parents; return False where it is not newer than what is stored."""
    await tx.execute(insert(pupils).values(id=pupil_id).on_conflict_do_nothing())
    newer = update(pupils).where(pupils.c.id == pupil_id, pupils.c[column] < revision).values({column: revision})
    return (await tx.execute(newer)).rowcount > 0


async def store_upn(tx: Transaction, pupil_id: UUID, upn: str) -> None:
    """Store the UPN that a pupil has."""
    await tx.execute(update(pupils).where(pupils.c.id == pupil_id).values(upn=upn))


async def upn_of(tx: Transaction, pupil_id: UUID) -> str | None:
    """Return the UPN of a child, None while no roll has arrived."""
    had = select(pupils.c.upn).where(pupils.c.id.in_(records_of(pupil_id)), pupils.c.upn.is_not(None))
    found: str | None = (await tx.execute(had.order_by(pupils.c.same_as.nulls_first(), pupils.c.id).limit(1))).scalar()
    return found


async def undisputed_upn_of(tx: Transaction, pupil_id: UUID) -> str | None:
    """Return a UPN of a child that no other child has, None while no roll has arrived: by it the child's own evidence is asked for."""
    asserted = exists().where(former_upns.c.asserted, former_upns.c.pupil_id == pupils.c.id, former_upns.c.upn == pupils.c.upn)
    present = select(pupils.c.upn).where(pupils.c.id.in_(records_of(pupil_id)), pupils.c.upn.is_not(None), ~asserted)
    found: str | None = (await tx.execute(present.order_by(pupils.c.same_as.nulls_first(), pupils.c.id).limit(1))).scalar()
    if found is None:
        former = select(former_upns.c.upn).where(former_upns.c.pupil_id.in_(records_of(pupil_id)), ~former_upns.c.asserted)
        found = (await tx.execute(former.order_by(former_upns.c.upn).limit(1))).scalar()
    return found


async def replace_rolls(tx: Transaction, pupil_id: UUID, spells: Sequence[RollSpell]) -> None:
    """Store all of a pupil's stays on rolls, in place of what was."""
    await tx.execute(delete(rolls).where(rolls.c.pupil_id == pupil_id))
    if spells:
        await tx.execute(insert(rolls), [values_of(rolls, spell, pupil_id=pupil_id) for spell in spells])


async def present_rolls(tx: Transaction, pupil_id: UUID, today: date) -> list[RollSpell]:
    """Return the rolls on which a pupil is today, the latest admission first."""
    present = select(rolls).where(
        rolls.c.pupil_id.in_(records_of(pupil_id)),
        rolls.c.admitted_on <= literal(today),
        or_(rolls.c.left_on.is_(None), rolls.c.left_on >= literal(today)),
    )
    return await fetch_all(tx, present.order_by(rolls.c.admitted_on.desc(), rolls.c.urn), row_of(RollSpell))


async def replace_parents(tx: Transaction, pupil_id: UUID, parents: Sequence[PupilParent]) -> None:
    """Store all parents of a pupil, by school, in place of what was."""
    await tx.execute(delete(pupil_parents).where(pupil_parents.c.pupil_id == pupil_id))
    if parents:
        await tx.execute(insert(pupil_parents), [values_of(pupil_parents, parent, pupil_id=pupil_id) for parent in parents])


async def parents_of(tx: Transaction, pupil_id: UUID) -> list[PupilParent]:
    """Return a pupil's parents, school by school, in a lasting order."""
    mine = select(pupil_parents).where(pupil_parents.c.pupil_id.in_(records_of(pupil_id)))
    return await fetch_all(tx, mine.order_by(pupil_parents.c.parent_id, pupil_parents.c.urn), row_of(PupilParent))


async def save_calendar(tx: Transaction, calendar: CalendarRow) -> bool:
    """Store a school year's open days, unless newer ones are stored; return whether they were."""
    return await upsert(tx, calendars, values_of(calendars, calendar), newer_by="revision")


async def calendars_of(tx: Transaction, urn: int) -> list[CalendarRow]:
    """Return every school year of a school whose calendar has arrived."""
    return await fetch_all(tx, select(calendars).where(calendars.c.urn == urn), CalendarRow)


async def pupils_with_open_case(tx: Transaction, pupil_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return those of the pupils who have an open case, on whichever record of the child."""
    asked = set(pupil_ids)
    child = await merged_records(tx, asked)
    found = frozenset((await tx.execute(_WITH_OPEN_CASE, {"ids": [*asked, *child, *child.values()]})).scalars())
    children = {child.get(each, each) for each in found}
    return frozenset(each for each in asked if child.get(each, each) in children)


async def save_marks(tx: Transaction, new: Sequence[MarkRow]) -> None:
    """Store marks of pupils with an open case where their version is newer, in one statement."""
    await tx.execute(_SAVE_MARKS, {f"{column}s": [*values] for column, values in zip(MarkRow._fields, zip(*new, strict=True), strict=True)})


async def amended_marks(tx: Transaction, pupil_id: UUID) -> list[MarkRow]:
    """Return the marks of a pupil that changed since the case was opened."""
    return await fetch_all(tx, select(marks).where(marks.c.pupil_id.in_(records_of(pupil_id))), MarkRow)


async def delete_marks(tx: Transaction, pupil_id: UUID) -> None:
    """Delete the marks of a pupil's records: the case is closed."""
    await tx.execute(delete(marks).where(marks.c.pupil_id.in_(records_of(pupil_id))))
