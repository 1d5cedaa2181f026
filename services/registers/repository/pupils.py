"""Pupils, as a person and as each school knows them, and their rolls."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.registers.domain.rolls import Shared, Spell
from services.registers.tables import pupils, pupils_at_schools, roll_spells, schools
from shared import clock
from shared.database import Transaction
from shared.ids import new_id

# By text, because a path may hold anything.
_AREA = text("""
    SELECT EXISTS (SELECT FROM roll_spells JOIN schools USING (urn) WHERE (upn = :pupil OR CAST(pupil_id AS text) = :pupil) AND la_code = :la_code)
""")


async def pupil_by_upn(tx: Transaction, upn: str) -> Row[Any] | None:
    """Return a pupil by UPN."""
    return (await tx.execute(select(pupils).where(pupils.c.upn == upn))).first()


async def pupil(tx: Transaction, pupil_id: UUID) -> Row[Any] | None:
    """Return a pupil."""
    return (await tx.execute(select(pupils).where(pupils.c.id == pupil_id))).first()


async def hold_or_make(tx: Transaction, upn: str, born: date, by: str) -> Row[Any]:
    """Return the pupil with this UPN, made if there was none, held until the end of the transaction."""
    await tx.execute(insert(pupils).values(id=new_id(), upn=upn, date_of_birth=born, stored_by=by).on_conflict_do_nothing())
    return (await tx.execute(select(pupils).where(pupils.c.upn == upn).with_for_update(key_share=True))).one()


async def hold(tx: Transaction, pupil_ids: Iterable[UUID]) -> Sequence[Row[Any]]:
    """Return these pupils, held until the end of the transaction."""
    query = select(pupils).where(pupils.c.id.in_(list(pupil_ids))).order_by(pupils.c.id)
    return (await tx.execute(query.with_for_update(key_share=True))).all()


async def change_birth(tx: Transaction, pupil_id: UUID, born: date, by: str) -> None:
    """Store another date of birth in place of what was."""
    values = {"date_of_birth": born, "stored_by": by, "stored_at": clock.now()}
    await tx.execute(update(pupils).where(pupils.c.id == pupil_id).values(**values))


async def say(tx: Transaction, pupil_id: UUID, **said: Any) -> int:
    """Store what is being said about a pupil; return the revision to say it under."""
    query = update(pupils).where(pupils.c.id == pupil_id).values(revision=pupils.c.revision + 1, **said).returning(pupils.c.revision)
    return int((await tx.execute(query)).scalar_one())


async def at_school(tx: Transaction, urn: int, pupil_id: UUID) -> Row[Any] | None:
    """Return a pupil as one school knows them."""
    query = select(pupils_at_schools).where(pupils_at_schools.c.urn == urn, pupils_at_schools.c.pupil_id == pupil_id)
    return (await tx.execute(query)).first()


async def latest_at_school(tx: Transaction, pupil_id: UUID) -> Row[Any] | None:
    """Return a pupil as the school knows them that said so last."""
    query = select(pupils_at_schools).where(pupils_at_schools.c.pupil_id == pupil_id)
    return (await tx.execute(query.order_by(pupils_at_schools.c.stored_at.desc()).limit(1))).first()


async def store_at_school(tx: Transaction, urn: int, pupil_id: UUID, values: Mapping[str, Any], by: str) -> None:
    """Store a pupil as one school knows them, in place of what was."""
    stored = {**values, "stored_by": by, "stored_at": clock.now()}
    query = insert(pupils_at_schools).values(urn=urn, pupil_id=pupil_id, **stored)
    await tx.execute(query.on_conflict_do_update(index_elements=["urn", "pupil_id"], set_=stored))


async def rolls(tx: Transaction, pupil_id: UUID) -> Sequence[Row[Any]]:
    """Return a pupil's spells on every roll: urn, name, la_code, admitted_on, left_on, shared_from, shared_to."""
    query = select(roll_spells, schools.c.name, schools.c.la_code).join(schools, schools.c.urn == roll_spells.c.urn)
    query = query.where(roll_spells.c.pupil_id == pupil_id)
    return (await tx.execute(query.order_by(roll_spells.c.admitted_on, roll_spells.c.urn))).all()


async def replace_spells(tx: Transaction, urn: int, upn: str, pupil_id: UUID, spells: Sequence[Spell]) -> None:
    """Make the look-up rows of a pupil's spells on one roll anew."""
    await tx.execute(delete(roll_spells).where(roll_spells.c.urn == urn, roll_spells.c.pupil_id == pupil_id))
    rows = [{"urn": urn, "upn": upn, "pupil_id": pupil_id, "admitted_on": each.admitted_on, "left_on": each.left_on} for each in spells]
    await tx.execute(insert(roll_spells), rows)


async def set_shared(tx: Transaction, pupil_id: UUID, shared: Sequence[Shared]) -> None:
    """Note on each spell in which stretch another school has the pupil too."""
    nobody = update(roll_spells).where(roll_spells.c.pupil_id == pupil_id, roll_spells.c.shared_from.is_not(None))
    await tx.execute(nobody.values(shared_from=None, shared_to=None))
    for each in shared:
        one = (
            roll_spells.c.pupil_id == pupil_id,
            roll_spells.c.urn == each.spell.urn,
            roll_spells.c.admitted_on == each.spell.admitted_on,
        )
        await tx.execute(update(roll_spells).where(*one).values(shared_from=each.start, shared_to=each.to))


async def pupils_of_school(tx: Transaction, urn: int) -> Sequence[UUID]:
    """Return everyone who is or was on a school's roll."""
    query = select(roll_spells.c.pupil_id).distinct().where(roll_spells.c.urn == urn).order_by(roll_spells.c.pupil_id)
    return (await tx.execute(query)).scalars().all()


async def was_ever_at(tx: Transaction, upn: str, urns: Iterable[int]) -> bool:
    """Tell whether a pupil is or was on the roll of one of these schools."""
    query = select(roll_spells.c.urn).where(roll_spells.c.upn == upn, roll_spells.c.urn.in_(list(urns))).limit(1)
    return (await tx.execute(query)).first() is not None


async def was_ever_in_area(tx: Transaction, pupil_key: str, la_code: str) -> bool:
    """Tell whether a pupil (by UPN or id) is or was on the roll of a school of this authority."""
    return bool((await tx.execute(_AREA, {"pupil": pupil_key, "la_code": la_code})).scalar())
