"""Pupils, as a person and as each school knows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.registers.marks.domain.rolls import Spell
from services.registers.pupils.domain.differences import SchoolRecord
from services.registers.pupils.domain.parents import ParentLink
from services.registers.pupils.domain.pupils import PersonalDetails, PupilAtSchool
from services.registers.tables.pupils import asserted_upns, pupils, pupils_at_schools, roll_spells, upns
from shared import clock
from shared.database import Transaction
from shared.database.rows import columns_of, fetch_all, fetch_one, select_columns
from shared.ids import new_id

# `upns` decides whose a UPN is, present or former: two who send the same one at once make one pupil.
_MAKE = text("""
    WITH sent AS (
        SELECT coalesce(recovered.pupil_id, id) AS id, sent.upn, born, forename, surname, coalesce(recovered.revision, 0) AS revision,
               published_rolls, published_parents
        FROM unnest(CAST(:ids AS uuid[]), CAST(:upns AS text[]), CAST(:births AS date[]), CAST(:forenames AS text[]),
                    CAST(:surnames AS text[])) AS sent (id, upn, born, forename, surname)
        LEFT JOIN recovered_pupils AS recovered USING (upn)
        WHERE NOT EXISTS (SELECT FROM upns WHERE upns.upn = sent.upn)
    ), named AS (
        INSERT INTO upns (upn, pupil_id) SELECT upn, id FROM sent ORDER BY upn ON CONFLICT DO NOTHING RETURNING upn, pupil_id
    )
    INSERT INTO pupils (id, upn, date_of_birth, forename, surname, revision, published_rolls, published_parents, stored_by)
    SELECT named.pupil_id, named.upn, born, forename, surname, revision, published_rolls, published_parents, :by FROM named JOIN sent USING (upn)
""")

# An asserted UPN means the pupil whom it finds at this school, and that one's records at every other.
_LOCK = text("""
    SELECT number.upn AS sent_upn, pupils.id, pupils.upn, pupils.date_of_birth, pupils.forename, pupils.surname, pupils.confirmed
    FROM (
        SELECT upns.upn, coalesce((
            SELECT asserted.pupil_id FROM asserted_upns AS asserted JOIN roll_spells AS found USING (upn, pupil_id)
            WHERE asserted.upn = upns.upn AND found.urn = :urn LIMIT 1
        ), upns.pupil_id) AS pupil_id
        FROM upns WHERE upns.upn = ANY(CAST(:upns AS text[]))
    ) AS number JOIN pupils ON pupils.id = number.pupil_id
    ORDER BY pupils.id FOR NO KEY UPDATE OF pupils
""")

# A school's own pupils are also those of the schools it continues, and of the ones that these continued. A claim gives no reach.
_WAS_AT = text("""
    WITH RECURSIVE own (urn) AS (
        SELECT unnest(CAST(:urns AS integer[])) UNION SELECT predecessor FROM successions JOIN own USING (urn)
    )
    SELECT EXISTS (SELECT FROM roll_spells JOIN own USING (urn) JOIN pupils_at_schools AS here USING (urn, pupil_id)
    WHERE here.claim IN ('accepted', 'confirmed') AND pupil_id IN (
        SELECT records_of(pupil_id) FROM upns WHERE upn = :upn UNION SELECT records_of(pupil_id) FROM asserted_upns WHERE upn = :upn
        UNION SELECT records_of(CAST(:pupil_id AS uuid))
    ))
""")

_WAS_IN_AREA = text("""
    SELECT EXISTS (SELECT FROM roll_spells JOIN schools USING (urn) JOIN pupils_at_schools AS here USING (urn, pupil_id)
    WHERE la_code = :la_code AND here.claim IN ('accepted', 'confirmed') AND pupil_id IN (
        SELECT records_of(pupil_id) FROM upns WHERE upn = :upn UNION SELECT records_of(pupil_id) FROM asserted_upns WHERE upn = :upn
        UNION SELECT records_of(CAST(:pupil_id AS uuid))
    ))
""")

# Of these pupils those who were ever at one of these schools (null: any), and on a roll of this authority (null: any); a claim gives no reach.
# Pupil by pupil (OFFSET 0), or the planner may read the rolls of all these schools for each of them.
_REACHED = text("""
    WITH RECURSIVE own (urn) AS (
        SELECT unnest(CAST(:urns AS integer[])) UNION SELECT predecessor FROM successions JOIN own USING (urn)
    )
    SELECT asked.id FROM unnest(CAST(:ids AS uuid[])) AS asked (id)
    WHERE EXISTS (
        SELECT FROM records_of(asked.id) AS record (id)
        CROSS JOIN LATERAL (SELECT urn, pupil_id FROM roll_spells WHERE pupil_id = record.id OFFSET 0) AS spell
        JOIN schools USING (urn) JOIN pupils_at_schools AS here USING (urn, pupil_id)
        WHERE here.claim IN ('accepted', 'confirmed')
          AND (CAST(:urns AS integer[]) IS NULL OR urn IN (SELECT urn FROM own)) AND (CAST(:la_code AS text) IS NULL OR la_code = :la_code)
    )
""")

_LATEST_NAMES = text("""
    SELECT DISTINCT ON (pupil_id) pupil_id, forename, surname FROM pupils_at_schools
    WHERE pupil_id = ANY(CAST(:ids AS uuid[])) ORDER BY pupil_id, stored_at DESC
""")

_CHANGE_PUBLISHED = """
    UPDATE pupils SET revision = revision + 1, {column} = new.state
    FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS jsonb[])) AS new (id, state)
    WHERE pupils.id = new.id AND {column} IS DISTINCT FROM new.state AND ({column} IS NOT NULL OR new.state -> 'parents' IS DISTINCT FROM '[]')
    RETURNING pupils.id, pupils.revision
"""

Published = Literal["published_rolls", "published_parents"]


@dataclass(frozen=True, slots=True)
class PupilRow:
    """A pupil as a person: names and `date_of_birth` as they count; `confirmed`: an officer decided so."""

    id: UUID
    upn: str
    date_of_birth: date
    forename: str
    surname: str
    confirmed: bool

    @property
    def details(self) -> PersonalDetails:
        """Names and date of birth alone."""
        return PersonalDetails(self.forename, self.surname, self.date_of_birth)


@dataclass(frozen=True, slots=True)
class NameRow:
    """A pupil's name as a school records it."""

    pupil_id: UUID
    forename: str
    surname: str


_PUPIL = select_columns(pupils, PupilRow)


async def pupil_by_upn(tx: Transaction, upn: str) -> PupilRow | None:
    """Return a pupil by a UPN that they have or had, and not by one that is only asserted for them."""
    return await fetch_one(tx, _PUPIL.join(upns, upns.c.pupil_id == pupils.c.id).where(upns.c.upn == upn), PupilRow)


async def pupils_by_upn(tx: Transaction, upn: str) -> list[PupilRow]:
    """Return the pupil who has or had a UPN, and then those for whom it is asserted: nearly always one."""
    found = await pupil_by_upn(tx, upn)
    asserted = _PUPIL.join(asserted_upns, asserted_upns.c.pupil_id == pupils.c.id).where(asserted_upns.c.upn == upn)
    return [*([found] if found else []), *await fetch_all(tx, asserted.order_by(pupils.c.id), PupilRow)]


async def pupil_at(tx: Transaction, urn: int, upn: str) -> PupilRow | None:
    """Return the pupil whom a UPN finds on a school's roll; where it finds none there, the pupil who has or had it."""
    here = select(roll_spells.c.pupil_id).where(roll_spells.c.urn == urn, roll_spells.c.upn == upn).limit(1)
    return await fetch_one(tx, _PUPIL.where(pupils.c.id.in_(here)), PupilRow) or await pupil_by_upn(tx, upn)


async def pupil(tx: Transaction, pupil_id: UUID) -> PupilRow | None:
    """Return a pupil."""
    return await fetch_one(tx, _PUPIL.where(pupils.c.id == pupil_id), PupilRow)


async def pupils_of(tx: Transaction, pupil_ids: Iterable[UUID]) -> list[PupilRow]:
    """Return these pupils."""
    return await fetch_all(tx, _PUPIL.where(pupils.c.id.in_(list(pupil_ids))), PupilRow)


async def lock_or_make(tx: Transaction, urn: int, details: Mapping[str, PersonalDetails], by: str) -> dict[str, PupilRow]:
    """Return the pupils whom a school means by these UPNs, made where there were none, locked until the end of the transaction.

    One whom only events name, since the database went back to an old copy, is made under the id that these have.
    """
    sent = {
        "ids": [new_id() for _ in details],
        "upns": list(details),
        "births": [each.date_of_birth for each in details.values()],
        "forenames": [each.forename for each in details.values()],
        "surnames": [each.surname for each in details.values()],
    }
    await tx.execute(_MAKE, {**sent, "by": by})
    return {row.sent_upn: PupilRow(*row[1:]) for row in await tx.execute(_LOCK, {"urn": urn, "upns": list(details)})}


async def lock(tx: Transaction, pupil_ids: Iterable[UUID]) -> list[PupilRow]:
    """Return these pupils, locked until the end of the transaction."""
    query = _PUPIL.where(pupils.c.id == text("ANY(CAST(:ids AS uuid[]))")).order_by(pupils.c.id).with_for_update(key_share=True)
    return await fetch_all(tx, query, PupilRow, {"ids": list(pupil_ids)})


async def change_details(tx: Transaction, details: Mapping[UUID, tuple[PersonalDetails, bool]], by: str) -> None:
    """Store what counts of pupils, and whether an officer decided so, in place of what was."""
    stored = {"stored_by": by, "stored_at": clock.now()}
    for pupil_id, (counted, confirmed) in details.items():
        values = {**columns_of(counted), "confirmed": confirmed, **stored}
        await tx.execute(update(pupils).where(pupils.c.id == pupil_id).values(**values))


async def change_published(tx: Transaction, column: Published, states: Mapping[UUID, str]) -> dict[UUID, int]:
    """Store pupils' states, as JSON, where they are not those in the last events; return the revisions of those that changed.

    No parents are no change where none were ever published.
    """
    statement = text(_CHANGE_PUBLISHED.format(column=column))
    return {row.id: row.revision for row in await tx.execute(statement, {"ids": list(states), "states": list(states.values())})}


async def school_records(tx: Transaction, pupil_ids: Iterable[UUID]) -> dict[UUID, tuple[SchoolRecord, ...]]:
    """Return pupils as every school records them, the record sent last at the end."""
    query = select(pupils_at_schools).where(pupils_at_schools.c.pupil_id == text("ANY(CAST(:ids AS uuid[]))"))
    query = query.order_by(pupils_at_schools.c.stored_at, pupils_at_schools.c.urn)
    found: dict[UUID, list[SchoolRecord]] = {}
    for row in await tx.execute(query, {"ids": list(pupil_ids)}):
        found.setdefault(row.pupil_id, []).append(_school_record(row))
    return {pupil_id: tuple(records) for pupil_id, records in found.items()}


async def latest_names(tx: Transaction, pupil_ids: Iterable[UUID]) -> dict[UUID, NameRow]:
    """Return the names of pupils as the school records them that sent them last, of those whose rows are visible."""
    return {row.pupil_id: row for row in await fetch_all(tx, _LATEST_NAMES, NameRow, {"ids": list(pupil_ids)})}


async def store_at_school(tx: Transaction, urn: int, sent: Mapping[UUID, SchoolRecord], by: str) -> None:
    """Store pupils as one school records them, in place of what was, and what each record is worth."""
    if not sent:
        return
    now = clock.now()
    rows = [{"urn": urn, "pupil_id": pupil_id, **_columns(sent[pupil_id]), "stored_by": by, "stored_at": now} for pupil_id in sorted(sent)]
    query = insert(pupils_at_schools)
    replaced = {name: query.excluded[name] for name in rows[0] if name not in {"urn", "pupil_id"}}
    await tx.execute(query.on_conflict_do_update(index_elements=["urn", "pupil_id"], set_=replaced), rows)


async def pupils_of_school(tx: Transaction, urn: int) -> list[UUID]:
    """Return everyone who is or was on a school's roll."""
    query = select(roll_spells.c.pupil_id).distinct().where(roll_spells.c.urn == urn).order_by(roll_spells.c.pupil_id)
    return list((await tx.execute(query)).scalars())


async def was_ever_at(tx: Transaction, pupil_key: str, urns: Iterable[int]) -> bool:
    """Return whether a pupil (by UPN or id) is or was on the roll of one of these schools, or of one that they continue."""
    return bool((await tx.execute(_WAS_AT, {"urns": list(urns), **_keys(pupil_key)})).scalar())


async def was_ever_in_area(tx: Transaction, pupil_key: str, la_code: str) -> bool:
    """Return whether a pupil (by UPN or id) is or was on the roll of a school of this authority."""
    return bool((await tx.execute(_WAS_IN_AREA, {"la_code": la_code, **_keys(pupil_key)})).scalar())


async def reached(tx: Transaction, pupil_ids: Iterable[UUID], urns: Iterable[int] | None, la_code: str | None) -> list[UUID]:
    """Return those of these pupils who `was_ever_at` one of the schools (None: any) and `was_ever_in_area` of the authority (None: any)."""
    asked = {"ids": list(pupil_ids), "urns": None if urns is None else list(urns), "la_code": la_code}
    return list((await tx.execute(_REACHED, asked)).scalars())


def _keys(pupil_key: str) -> dict[str, str | UUID | None]:
    # A path may hold anything.
    try:
        return {"upn": pupil_key, "pupil_id": UUID(pupil_key)}
    except ValueError:
        return {"upn": pupil_key, "pupil_id": None}


def _columns(record: SchoolRecord) -> dict[str, Any]:
    spells = [(spell.admitted_on, spell.left_on) for spell in record.pupil.spells]
    return columns_of(record.pupil) | {"spells": spells, "claim": record.claim, "answered": record.answered}


def _school_record(row: Any) -> SchoolRecord:
    return SchoolRecord(row.urn, _at_school(row), row.claim, row.answered)


def _at_school(row: Any) -> PupilAtSchool:
    day = date.fromisoformat
    spells = tuple(Spell(row.urn, day(admitted_on), day(left_on) if left_on else None) for admitted_on, left_on in row.spells)
    parents = tuple(ParentLink(**link) for link in row.parents)
    return PupilAtSchool(row.forename, row.surname, row.date_of_birth, row.year_group, spells, parents, row.admission_number)
