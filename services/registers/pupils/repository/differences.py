"""Pupils whom schools record differently: each school's record, what awaits an officer, and what officers decided."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Text, Uuid, delete, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from services.registers.pupils.domain.differences import Claim, SchoolRecord
from services.registers.pupils.repository.pupils import school_records
from services.registers.tables import INSTANT
from services.registers.tables.pupils import difference_confirmations, difference_decisions
from shared import clock
from shared.database import Transaction
from shared.database.paging import Listed, Order, PageQuery, fetch_page
from shared.database.rows import fetch_all, fetch_one, select_columns
from shared.ids import new_id

_OPEN = text("""
    INSERT INTO pupil_differences (id, pupil_id) SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:pupils AS uuid[]))
    ON CONFLICT (pupil_id) WHERE closed_at IS NULL DO NOTHING
""")
_CLOSE = text("UPDATE pupil_differences SET closed_at = :now WHERE pupil_id = ANY(CAST(:pupils AS uuid[])) AND closed_at IS NULL")

_SET_CLAIMS = text("""
    UPDATE pupils_at_schools AS here SET claim = new.claim, answered = new.answered
    FROM unnest(CAST(:pupils AS uuid[]), CAST(:urns AS integer[]), CAST(:claims AS text[]), CAST(:answers AS boolean[]))
         AS new (pupil_id, urn, claim, answered)
    WHERE (here.pupil_id, here.urn) = (new.pupil_id, new.urn)
""")

_DELETE_CONFIRMATIONS = text("""
    DELETE FROM difference_confirmations USING pupil_differences AS difference
    WHERE difference.id = difference_id AND difference.pupil_id = ANY(CAST(:pupils AS uuid[]))
""")

_DIFFERENCES = """
    SELECT difference.id, difference.pupil_id, difference.opened_at, difference.closed_at, pupil.upn
    FROM pupil_differences AS difference JOIN pupils AS pupil ON pupil.id = difference.pupil_id
"""
_ONE = text(f"{_DIFFERENCES} WHERE difference.id = :id")
_OF_RECORDS = text(f"""
    {_DIFFERENCES} WHERE difference.closed_at IS NULL AND difference.pupil_id = ANY(CAST(:ids AS uuid[])) ORDER BY difference.id LIMIT 1
""")
# An authority whose only school with the pupil is one that claims them reaches nobody by it.
_LISTED = text(f"""
    {_DIFFERENCES}
    WHERE difference.closed_at IS NULL
      AND (CAST(:la_code AS text) IS NULL OR EXISTS (
          SELECT FROM pupils_at_schools AS here JOIN schools AS school USING (urn)
          WHERE here.pupil_id IN (SELECT records_of(difference.pupil_id)) AND here.claim IN ('accepted', 'confirmed') AND la_code = :la_code))
""").columns(id=Uuid, pupil_id=Uuid, opened_at=INSTANT, closed_at=INSTANT, upn=Text)

_RECORDS = text("""
    SELECT here.pupil_id, here.urn, school.name, school.la_code, here.stored_at
    FROM pupils_at_schools AS here JOIN schools AS school USING (urn) WHERE here.pupil_id = ANY(CAST(:ids AS uuid[]))
""")

_CLAIMS = text("""
    SELECT pupil.upn, here.forename, here.surname, here.date_of_birth, here.claim, here.stored_at
    FROM pupils_at_schools AS here JOIN pupils AS pupil ON pupil.id = here.pupil_id
    WHERE here.urn = :urn AND here.claim IN ('waiting', 'refused') ORDER BY here.surname, here.forename, here.pupil_id
""")


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One school's record of a pupil, with the school, and when it was sent last."""

    pupil_id: UUID
    record: SchoolRecord
    name: str
    la_code: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """An officer's decision about a pupil whom schools record differently."""

    id: UUID
    difference_id: UUID
    urn: int
    """The school whose names and birth date count."""
    claims: dict[str, Claim]
    """What each school's entry was worth from then on, by URN."""
    reason: str
    decided_at: datetime
    decided_by: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What an officer of one authority decided, until an officer of each other one decides alike."""

    difference_id: UUID
    la_code: str
    urn: int
    claims: dict[str, Claim]
    reason: str
    confirmed_at: datetime
    confirmed_by: str
    role: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A pupil whom schools record differently; `closed_at`: an officer decided, or the schools agree again."""

    id: UUID
    pupil_id: UUID
    opened_at: datetime
    closed_at: datetime | None
    upn: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A school's claim to a pupil, as it sent them."""

    upn: str
    forename: str
    surname: str
    date_of_birth: date
    claim: Claim
    stored_at: datetime


async def open_differences(tx: Transaction, pupil_ids: Collection[UUID]) -> None:
    """Let these pupils await an officer, who await none yet."""
    if pupil_ids:
        await tx.execute(_OPEN, {"ids": [new_id() for _ in pupil_ids], "pupils": list(pupil_ids)})


async def close_differences(tx: Transaction, pupil_ids: Collection[UUID]) -> None:
    """Let these pupils await no officer any more."""
    if pupil_ids:
        await tx.execute(_CLOSE, {"pupils": list(pupil_ids), "now": clock.now()})


async def set_claims(tx: Transaction, claims: Sequence[tuple[UUID, SchoolRecord]]) -> None:
    """Store what these records of pupils are worth."""
    if claims:
        columns = {
            "pupils": [pupil_id for pupil_id, _ in claims],
            "urns": [each.urn for _, each in claims],
            "claims": [each.claim for _, each in claims],
            "answers": [each.answered for _, each in claims],
        }
        await tx.execute(_SET_CLAIMS, columns)


async def difference(tx: Transaction, difference_id: UUID) -> Difference | None:
    """Return a difference, awaiting an officer or not."""
    return await fetch_one(tx, _ONE, Difference, {"id": difference_id})


async def open_difference_of(tx: Transaction, records: Collection[UUID]) -> Difference | None:
    """Return the difference that awaits an officer on one of these records of a child."""
    return await fetch_one(tx, _OF_RECORDS, Difference, {"ids": list(records)})


async def difference_page(tx: Transaction, page: PageQuery, la_code: str | None) -> Listed[Difference]:
    """Return differences that await an officer, the oldest first: of the pupils of one authority, or all."""
    found = _LISTED.bindparams(la_code=la_code).subquery()
    return await fetch_page(tx, select(found), Difference, Order((found.c.id,)), page)


async def records_of_pupils(tx: Transaction, pupil_ids: Collection[UUID]) -> list[RecordRow]:
    """Return every school's record of these pupils, the one sent last at the end."""
    schools = {(row.pupil_id, row.urn): row for row in await tx.execute(_RECORDS, {"ids": list(pupil_ids)})}
    found = [(schools[pupil_id, each.urn], each) for pupil_id, own in (await school_records(tx, pupil_ids)).items() for each in own]
    return [RecordRow(row.pupil_id, each, row.name, row.la_code, row.stored_at) for row, each in found]


async def decisions_of(tx: Transaction, difference_ids: Collection[UUID]) -> list[Decision]:
    """Return what officers decided about these differences, the first decision first."""
    query = select_columns(difference_decisions, Decision).where(difference_decisions.c.difference_id.in_(list(difference_ids)))
    return await fetch_all(tx, query.order_by(difference_decisions.c.id), Decision)


async def add_decision(tx: Transaction, decision: Decision, role: str) -> None:
    """Store an officer's decision."""
    await tx.execute(insert(difference_decisions).values(**asdict(decision), role=role))


async def confirm(tx: Transaction, confirmation: Confirmation) -> None:
    """Store what an officer of one authority decided, in place of what one of the same authority decided before."""
    values = asdict(confirmation)
    query = upsert(difference_confirmations).values(**values)
    await tx.execute(query.on_conflict_do_update(index_elements=["difference_id", "la_code"], set_=values))


async def confirmations_of(tx: Transaction, difference_ids: Collection[UUID]) -> list[Confirmation]:
    """Return what officers of some authorities decided about these differences, the first one first."""
    query = select_columns(difference_confirmations, Confirmation)
    query = query.where(difference_confirmations.c.difference_id.in_(list(difference_ids)))
    return await fetch_all(tx, query.order_by(difference_confirmations.c.confirmed_at, difference_confirmations.c.la_code), Confirmation)


async def delete_confirmations(tx: Transaction, difference_id: UUID) -> None:
    """Delete what officers of some authorities decided: it has been decided by all."""
    await tx.execute(delete(difference_confirmations).where(difference_confirmations.c.difference_id == difference_id))


async def delete_confirmations_of_pupils(tx: Transaction, pupil_ids: Collection[UUID]) -> None:
    """Delete what officers of some authorities decided about these pupils: they did so about other records."""
    if pupil_ids:
        await tx.execute(_DELETE_CONFIRMATIONS, {"pupils": list(pupil_ids)})


async def claims_of_school(tx: Transaction, urn: int) -> list[ClaimRow]:
    """Return the pupils of a school whom an officer has not confirmed, by name."""
    return await fetch_all(tx, _CLAIMS, ClaimRow, {"urn": urn})
