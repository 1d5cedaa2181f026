"""Pupils' stays on rolls."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import exists, func, or_, select, text

from services.thresholds.domain.facts import Spell
from services.thresholds.domain.pupils import Roll
from services.thresholds.repository.arrays import among, arrays
from services.thresholds.tables import pupils, rolls
from shared.database import Transaction

_STORE_ROLLS = text("""
    UPDATE pupils SET upn = new.upn, roll_revision = new.revision, compulsory_from = new.compulsory_from,
        compulsory_to = new.compulsory_to
    FROM unnest(CAST(:ids AS uuid[]), CAST(:upns AS text[]), CAST(:revisions AS integer[]), CAST(:firsts AS date[]),
                CAST(:lasts AS date[])) AS new (id, upn, revision, compulsory_from, compulsory_to)
    WHERE pupils.id = new.id
""")
_CLEAR_SPELLS = text("DELETE FROM rolls WHERE pupil_id = ANY(CAST(:ids AS uuid[]))")
_STORE_SPELLS = text("""
    INSERT INTO rolls (pupil_id, urn, la_code, admitted_on, left_on)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:urns AS integer[]), CAST(:las AS text[]), CAST(:firsts AS date[]),
                         CAST(:lasts AS date[]))
""")


async def spells_of(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, tuple[Spell, ...]]:
    """Return the stays on rolls of these pupils; those whose roll has not arrived are missing."""
    found: dict[UUID, list[Spell]] = defaultdict(list)
    for row in (await tx.execute(select(rolls).where(among(rolls.c.pupil_id, ids)))).all():
        found[row.pupil_id].append(Spell(row.urn, row.la_code, row.admitted_on, row.left_on))
    return {pupil_id: tuple(spells) for pupil_id, spells in found.items()}


async def pupils_on_roll(tx: Transaction, urns: Collection[int], first: date, last: date) -> Sequence[UUID]:
    """Return the pupils who were on a school's roll, under any of its URNs, on any day from `first` to `last`, or before and after."""
    stays = select(rolls.c.pupil_id).where(among(rolls.c.urn, urns)).group_by(rolls.c.pupil_id)
    around = func.min(rolls.c.admitted_on) <= last, func.max(func.coalesce(rolls.c.left_on, date.max)) >= first
    return (await tx.execute(stays.having(*around))).scalars().all()


async def ever_on_roll(tx: Transaction, pupil_id: UUID, *, schools: Collection[int] | None = None, la_code: str | None = None) -> bool:
    """Return whether a child is or was, on any record, on the roll of one of these schools, or of a school in this authority."""
    others = select(pupils.c.id).where(pupils.c.same_as == pupil_id)
    conditions = [or_(rolls.c.pupil_id == pupil_id, rolls.c.pupil_id.in_(others))]
    if schools is not None:
        conditions.append(rolls.c.urn.in_(schools))
    if la_code is not None:
        conditions.append(rolls.c.la_code == la_code)
    return bool((await tx.execute(select(exists().where(*conditions)))).scalar())


async def last_day_on_roll(tx: Transaction, pupil_id: UUID, schools: Collection[int], today: date) -> date:
    """Return a child's last day, on any record, on the roll of one of these schools; the end of time while there, its beginning before."""
    others = select(pupils.c.id).where(pupils.c.same_as == pupil_id)
    last = select(func.max(func.coalesce(rolls.c.left_on, date.max))).where(
        or_(rolls.c.pupil_id == pupil_id, rolls.c.pupil_id.in_(others)), rolls.c.urn.in_(schools), rolls.c.admitted_on <= today
    )
    found: date | None = (await tx.execute(last)).scalar()
    return found or date.min


async def store_rolls(tx: Transaction, sent: Mapping[UUID, tuple[str, Roll]]) -> None:
    """Store pupils' UPNs and rolls in place of their earlier ones."""
    if not sent:
        return
    rows = [(pupil_id, upn, roll.revision, *roll.compulsory) for pupil_id, (upn, roll) in sent.items()]
    await tx.execute(_STORE_ROLLS, arrays("ids upns revisions firsts lasts", rows))
    await tx.execute(_CLEAR_SPELLS, {"ids": list(sent)})
    spells = [(pupil_id, spell) for pupil_id, (_, roll) in sent.items() for spell in roll.spells]
    stays = [(pupil_id, spell.urn, spell.la_code, spell.admitted_on, spell.left_on) for pupil_id, spell in spells]
    await tx.execute(_STORE_SPELLS, arrays("ids urns las firsts lasts", stays))
