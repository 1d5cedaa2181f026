"""UPNs over time."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.registers.tables.pupils import asserted_upns, pupils, upn_changes, upns
from shared import clock
from shared.database import Transaction
from shared.database.rows import fetch_all, select_columns
from shared.ids import new_id

# Pupil by pupil (OFFSET 0), or a planner who believes that there is one may read all pupils for each number.
_FORMER = text("""
    SELECT asked.pupil_id, array_agg(number.upn ORDER BY number.upn) AS former
    FROM (SELECT DISTINCT unnest(CAST(:ids AS uuid[])) AS pupil_id) AS asked
    CROSS JOIN LATERAL (SELECT upn FROM pupils WHERE id = asked.pupil_id OFFSET 0) AS pupil
    CROSS JOIN LATERAL (
        SELECT upn FROM upns WHERE upns.pupil_id = asked.pupil_id
        UNION ALL SELECT upn FROM asserted_upns WHERE asserted_upns.pupil_id = asked.pupil_id
        OFFSET 0
    ) AS number
    WHERE number.upn <> pupil.upn GROUP BY asked.pupil_id
""")

_ASSERTED = text("""
    SELECT pupil_id, array_agg(upn ORDER BY upn) AS upns FROM asserted_upns WHERE pupil_id = ANY(CAST(:ids AS uuid[])) GROUP BY pupil_id
""")

_ASSERTED_AGAINST = text("""
    SELECT asserted.upn, asserted.pupil_id FROM asserted_upns AS asserted JOIN upns USING (upn)
    WHERE asserted.pupil_id = ANY(CAST(:ids AS uuid[])) AND upns.pupil_id = ANY(CAST(:ids AS uuid[])) ORDER BY asserted.pupil_id, asserted.upn
""")

# Of the child who has it, or of one for whom it is asserted, on whichever record. By the number itself a claim shows its school that it is taken.
_IN_REACH = text("""
    WITH RECURSIVE own (urn) AS (
        SELECT unnest(CAST(:urns AS integer[])) UNION SELECT predecessor FROM successions JOIN own USING (urn)
    )
    SELECT EXISTS (
        SELECT FROM (SELECT upn, pupil_id FROM upns UNION ALL SELECT upn, pupil_id FROM asserted_upns) AS number
        CROSS JOIN LATERAL records_of(number.pupil_id) AS record (id)
        CROSS JOIN LATERAL (SELECT urn, upn, pupil_id FROM roll_spells WHERE pupil_id = record.id OFFSET 0) AS spell
        JOIN schools AS school ON school.urn = spell.urn
        JOIN pupils_at_schools AS here ON here.urn = spell.urn AND here.pupil_id = spell.pupil_id
        WHERE number.upn = :upn AND number.pupil_id <> :pupil AND (here.claim IN ('accepted', 'confirmed') OR spell.upn = :upn)
          AND (CAST(:urns AS integer[]) IS NULL OR spell.urn IN (SELECT urn FROM own))
          AND (CAST(:la_code AS text) IS NULL OR school.la_code = :la_code)
    )
""")


@dataclass(frozen=True, slots=True)
class UpnChange:
    """Another UPN of a pupil, why, when and by whom."""

    was: str
    became: str
    reason: str
    changed_at: datetime
    changed_by: str


async def take_upn(tx: Transaction, upn: str, pupil_id: UUID) -> UUID:
    """Let a UPN be a pupil's where it is nobody's; return whose it is."""
    await tx.execute(upsert(upns).values(upn=upn, pupil_id=pupil_id).on_conflict_do_nothing())
    found: UUID = (await tx.execute(select(upns.c.pupil_id).where(upns.c.upn == upn))).scalar_one()
    return found


async def is_taken_within(tx: Transaction, upn: str, pupil_id: UUID, urns: Iterable[int] | None, la_code: str | None) -> bool:
    """Return whether a UPN is one of another pupil who is or was at one of these schools (None: any), in this authority (None: any)."""
    asked = {"upn": upn, "pupil": pupil_id, "urns": None if urns is None else list(urns), "la_code": la_code}
    return bool((await tx.execute(_IN_REACH, asked)).scalar())


async def assert_upn(tx: Transaction, upn: str, pupil_id: UUID) -> None:
    """Let a UPN that is another pupil's find this pupil too, until officers decide."""
    await tx.execute(upsert(asserted_upns).values(upn=upn, pupil_id=pupil_id).on_conflict_do_nothing())


async def withdraw_assertion(tx: Transaction, upn: str, pupil_id: UUID) -> bool:
    """Let a UPN that is another pupil's find this pupil no longer; return whether it did."""
    removed = delete(asserted_upns).where(asserted_upns.c.upn == upn, asserted_upns.c.pupil_id == pupil_id)
    return (await tx.execute(removed)).rowcount > 0


async def asserted_of(tx: Transaction, pupil_ids: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Return the UPNs asserted for these pupils; a pupil for whom none is asserted is left out."""
    return {row.pupil_id: tuple(row.upns) for row in await tx.execute(_ASSERTED, {"ids": list(pupil_ids)})}


async def asserted_against(tx: Transaction, pupil_ids: Iterable[UUID]) -> list[tuple[str, UUID]]:
    """Return each UPN that is one of these pupils' and asserted for another of them, with that other one."""
    return [(row.upn, row.pupil_id) for row in await tx.execute(_ASSERTED_AGAINST, {"ids": list(pupil_ids)})]


async def change_upn(tx: Transaction, pupil_id: UUID, new_upn: str, by: str) -> None:
    """Store another UPN in place of what was."""
    values = {"upn": new_upn, "stored_by": by, "stored_at": clock.now()}
    await tx.execute(update(pupils).where(pupils.c.id == pupil_id).values(**values))


async def add_change(tx: Transaction, pupil_id: UUID, change: UpnChange, role: str) -> None:
    """Record that a pupil's UPN changed, by whom and why."""
    await tx.execute(insert(upn_changes).values(id=new_id(), pupil_id=pupil_id, **asdict(change), role=role))


async def changes_of(tx: Transaction, pupil_id: UUID) -> list[UpnChange]:
    """Return every change of a pupil's UPN, the first one first."""
    query = select_columns(upn_changes, UpnChange).where(upn_changes.c.pupil_id == pupil_id).order_by(upn_changes.c.id)
    return await fetch_all(tx, query, UpnChange)


async def upns_of(tx: Transaction, pupil_id: UUID) -> list[str]:
    """Return every UPN that a pupil has or had, or that is asserted for them."""
    found = (await tx.execute(select(upns.c.upn).where(upns.c.pupil_id == pupil_id))).scalars()
    return sorted({*found, *(await asserted_of(tx, [pupil_id])).get(pupil_id, ())})


async def former_upns(tx: Transaction, pupil_ids: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Return the UPNs that these pupils had and no longer have; a pupil who never had another one is left out."""
    return {row.pupil_id: tuple(row.former) for row in await tx.execute(_FORMER, {"ids": list(pupil_ids)})}
