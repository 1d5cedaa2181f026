"""Contacts of schools, the persons behind them, and whose parents they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from services.registers.pupils.domain.parents import ContactDetails, LiabilityBasis, ParentLink
from services.registers.tables.parents import contacts, pupil_parents
from shared import clock
from shared.database import Transaction
from shared.database.locks import Lock
from shared.database.rows import fetch_all
from shared.ids import new_id

# A thousand locks for all names: a whole school's roll would not fit into the table of locks otherwise.
_LOCK_NAMES = text("""
    SELECT pg_advisory_xact_lock(CAST(:lock AS integer), CAST(key AS integer)) FROM (
        SELECT DISTINCT hashtextextended(name, 0) & 1023 AS key FROM unnest(CAST(:names AS text[])) AS name ORDER BY key
    ) AS keys
""")

# OFFSET 0: with the status, the planner would rather read every open match for each parent, by the index of the open ones; and one who believes
# that there is one of each may read all contacts for each link, and all parents for each match.
_LISTED = text("""
    SELECT link.pupil_id, link.urn, link.ref, contact.parent_id, contact.forename, contact.surname, contact.address, contact.email,
           link.relationship, link.liability_basis, link.lives_with_pupil,
           EXISTS (
               SELECT FROM (SELECT contact.parent_id AS id UNION ALL SELECT id FROM parents WHERE merged_into = contact.parent_id) AS self
               CROSS JOIN LATERAL (
                   SELECT one, other, status FROM parent_matches WHERE one = self.id
                   UNION ALL SELECT one, other, status FROM parent_matches WHERE other = self.id
                   OFFSET 0
               ) AS match
               CROSS JOIN LATERAL (SELECT id, merged_into FROM parents WHERE id = match.one OFFSET 0) AS one
               CROSS JOIN LATERAL (SELECT id, merged_into FROM parents WHERE id = match.other OFFSET 0) AS other
               WHERE match.status = 'open' AND coalesce(one.merged_into, one.id) <> coalesce(other.merged_into, other.id)
           ) AS open_match,
           ARRAY(SELECT id FROM (SELECT id FROM parents WHERE merged_into = contact.parent_id OFFSET 0) AS merged ORDER BY id) AS formerly
    FROM (SELECT DISTINCT unnest(CAST(:ids AS uuid[])) AS pupil_id) AS asked
    CROSS JOIN LATERAL (SELECT * FROM pupil_parents WHERE pupil_parents.pupil_id = asked.pupil_id AND ended_at IS NULL OFFSET 0) AS link
    CROSS JOIN LATERAL (SELECT * FROM contacts WHERE contacts.urn = link.urn AND contacts.ref = link.ref OFFSET 0) AS contact
    CROSS JOIN LATERAL (
        SELECT claim FROM pupils_at_schools WHERE pupils_at_schools.urn = link.urn AND pupils_at_schools.pupil_id = link.pupil_id OFFSET 0
    ) AS here
    WHERE here.claim IN ('accepted', 'confirmed') OR link.urn = CAST(:own AS integer)
    ORDER BY link.urn, contact.parent_id, link.ref
""")

_BEFORE = text("""
    WITH RECURSIVE earlier (urn) AS (
        SELECT predecessor FROM successions WHERE urn = :urn
        UNION SELECT predecessor FROM successions JOIN earlier USING (urn)
    )
    SELECT ref, parent_id FROM contacts JOIN earlier USING (urn)
    JOIN unnest(CAST(:refs AS text[]), CAST(:names AS text[])) AS sent (ref, name_key) USING (ref, name_key) ORDER BY stored_at
""")

_UNLINK = text("""
    UPDATE pupil_parents AS link SET ended_at = :now
    WHERE urn = :urn AND pupil_id = ANY(CAST(:ids AS uuid[])) AND ended_at IS NULL
      AND NOT EXISTS (SELECT FROM unnest(CAST(:pupils AS uuid[]), CAST(:refs AS text[])) AS kept (pupil_id, ref)
                      WHERE kept.pupil_id = link.pupil_id AND kept.ref = link.ref)
""")

_LINKED = (pupil_parents.c.urn == contacts.c.urn) & (pupil_parents.c.ref == contacts.c.ref)
_DETAILS = (contacts.c.forename, contacts.c.surname, contacts.c.address, contacts.c.email, contacts.c.phone)


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact of a school: who it is, and how they are reached."""

    ref: str
    parent_id: UUID
    details: ContactDetails


@dataclass(frozen=True, slots=True)
class ParentRow:
    """A parent of a pupil, as one school knows them; `formerly`: other ids of the same person, `open_match`: an officer is to decide."""

    pupil_id: UUID
    urn: int
    ref: str
    parent_id: UUID
    forename: str
    surname: str
    address: list[str] | None
    email: str | None
    relationship: str | None
    liability_basis: LiabilityBasis | None
    lives_with_pupil: bool | None
    open_match: bool
    formerly: list[UUID]


async def lock_names(tx: Transaction, names: Iterable[str]) -> None:
    """Let nobody else look for matches of these names until the end of the transaction."""
    await tx.execute(_LOCK_NAMES, {"names": sorted(set(names)), "lock": Lock.NAME_OF_PARENT})


async def contacts_of(tx: Transaction, urn: int, refs: Iterable[str]) -> dict[str, ContactRow]:
    """Return a school's contacts with these references."""
    columns = (contacts.c.ref, contacts.c.parent_id, *_DETAILS)
    query = select(*columns).where(contacts.c.urn == urn, contacts.c.ref == text("ANY(CAST(:refs AS text[]))"))
    return {
        ref: ContactRow(ref, parent_id, ContactDetails(forename, surname, tuple(address) if address else None, email, phone))
        for ref, parent_id, forename, surname, address, email, phone in await tx.execute(query, {"refs": list(refs)})
    }


async def names_of_parents(tx: Transaction, pupil_ids: Iterable[UUID]) -> list[str]:
    """Return the comparable names of everyone who is or was a parent of these pupils."""
    query = select(contacts.c.name_key).join(pupil_parents, _LINKED)
    return list((await tx.execute(query.where(pupil_parents.c.pupil_id.in_(list(pupil_ids))))).scalars())


async def persons_before(tx: Transaction, urn: int, names: Mapping[str, str]) -> dict[str, UUID]:
    """Return the persons whom the schools that a school continues knew under these references by the same comparable names."""
    rows = await tx.execute(_BEFORE, {"urn": urn, "refs": list(names), "names": list(names.values())})
    return {row.ref: row.parent_id for row in rows}


async def make_parents(tx: Transaction, count: int) -> list[UUID]:
    """Make so many persons."""
    ids = [new_id() for _ in range(count)]
    await tx.execute(text("INSERT INTO parents (id) SELECT unnest(CAST(:ids AS uuid[]))"), {"ids": ids})
    return ids


async def store_contacts(tx: Transaction, urn: int, sent: Iterable[ContactRow], by: str) -> None:
    """Store contacts in place of what was; the person behind an existing one stays."""
    now = clock.now()
    rows = [
        {
            "urn": urn,
            "ref": each.ref,
            "parent_id": each.parent_id,
            **asdict(each.details),
            **{f"{name}_key": key for name, key in asdict(each.details.keys).items()},
            "stored_by": by,
            "stored_at": now,
        }
        for each in sorted(sent, key=lambda each: each.ref)
    ]
    if rows:
        query = insert(contacts)
        replaced = {name: query.excluded[name] for name in rows[0] if name not in {"urn", "ref", "parent_id"}}
        await tx.execute(query.on_conflict_do_update(index_elements=["urn", "ref"], set_=replaced), rows)


async def link_parents(tx: Transaction, urn: int, links: Mapping[UUID, Sequence[ParentLink]]) -> None:
    """Make the look-up rows of pupils' parents at one school anew; who is left out is a parent through it no longer."""
    rows = [{"pupil_id": pupil_id, "urn": urn, **asdict(link)} for pupil_id in sorted(links) for link in links[pupil_id]]
    kept = {"pupils": [row["pupil_id"] for row in rows], "refs": [row["ref"] for row in rows]}
    await tx.execute(_UNLINK, {"urn": urn, "ids": list(links), "now": clock.now(), **kept})
    if rows:
        query = insert(pupil_parents)
        replaced = {name: query.excluded[name] for name in rows[0] if name not in {"pupil_id", "urn", "ref"}}
        query = query.on_conflict_do_update(index_elements=["pupil_id", "urn", "ref"], set_={**replaced, "ended_at": None})
        await tx.execute(query, rows)


async def parents_of(tx: Transaction, pupil_id: UUID, own: int | None = None) -> list[ParentRow]:
    """Return a pupil's parents through all schools, with their details there and whether a match is open.

    Not through a school whose claim to the pupil awaits an officer or was refused, unless it is `own`.
    """
    return (await parents_of_all(tx, [pupil_id], own))[pupil_id]


async def parents_of_all(tx: Transaction, pupil_ids: Iterable[UUID], own: int | None = None) -> dict[UUID, list[ParentRow]]:
    """Return the parents of several pupils, as `parents_of` does."""
    found: dict[UUID, list[ParentRow]] = {pupil_id: [] for pupil_id in pupil_ids}
    for row in await fetch_all(tx, _LISTED, ParentRow, {"ids": list(found), "own": own}):
        found[row.pupil_id].append(row)
    return found


async def pupils_of(tx: Transaction, ids: Iterable[UUID]) -> set[UUID]:
    """Return the pupils of whom one of these persons is a parent."""
    query = select(pupil_parents.c.pupil_id).join(contacts, _LINKED)
    query = query.where(contacts.c.parent_id == text("ANY(CAST(:ids AS uuid[]))"), pupil_parents.c.ended_at.is_(None))
    return set((await tx.execute(query, {"ids": list(ids)})).scalars())
