"""Contacts of schools, the persons behind them, and proposed matches."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.registers.tables import contacts, parent_matches, parents, pupil_parents
from shared import clock
from shared.database import Transaction
from shared.ids import new_id

_LOCK_NAMES = text("""
    SELECT pg_advisory_xact_lock(key) FROM (
        SELECT DISTINCT hashtextextended(name, 883) AS key FROM unnest(CAST(:names AS text[])) AS name ORDER BY key
    ) AS keys
""")

# Two contacts whom one school lists side by side for one pupil are two people: it knows.
_NAMESAKES = text("""
    SELECT new.ref, new.parent_id, other.parent_id AS other_id,
           new.name_key, new.postcode_key, new.email_key, new.phone_key, other.name_key AS other_name,
           other.postcode_key AS other_postcode, other.email_key AS other_email, other.phone_key AS other_phone, child.same AS same_child
    FROM contacts AS new
    JOIN contacts AS other ON other.name_key = new.name_key AND other.parent_id <> new.parent_id
    CROSS JOIN LATERAL (
        SELECT EXISTS (SELECT FROM pupil_parents WHERE pupil_id = :pupil_id AND urn = other.urn AND ref = other.ref) AS same
    ) AS child
    WHERE new.urn = :urn AND new.ref = ANY(CAST(:refs AS text[]))
      AND (other.postcode_key = new.postcode_key OR other.email_key = new.email_key OR other.phone_key = new.phone_key OR child.same)
      AND NOT EXISTS (
          SELECT FROM pupil_parents AS a JOIN pupil_parents AS b ON b.pupil_id = a.pupil_id AND b.urn = a.urn
          WHERE a.urn = new.urn AND a.ref = new.ref AND b.urn = other.urn AND b.ref = other.ref AND a.ended_at IS NULL AND b.ended_at IS NULL
      )
    ORDER BY new.parent_id, other.parent_id
""")

_LISTED = text("""
    SELECT link.urn, link.ref, contact.parent_id, contact.forename, contact.surname, contact.address, contact.email,
           link.relationship, link.lives_with_pupil,
           EXISTS (
               SELECT FROM parents AS self
               JOIN parent_matches AS match ON match.one = self.id OR match.other = self.id
               JOIN parents AS one ON one.id = match.one
               JOIN parents AS other ON other.id = match.other
               WHERE (self.id = contact.parent_id OR self.merged_into = contact.parent_id)
                 AND match.status = 'open' AND coalesce(one.merged_into, one.id) <> coalesce(other.merged_into, other.id)
           ) AS open_match,
           ARRAY(SELECT id FROM parents WHERE merged_into = contact.parent_id ORDER BY id) AS formerly
    FROM pupil_parents AS link JOIN contacts AS contact ON contact.urn = link.urn AND contact.ref = link.ref
    WHERE link.pupil_id = :pupil_id AND link.ended_at IS NULL
    ORDER BY link.urn, contact.parent_id, link.ref
""")

_PAIRS = text("""
    SELECT coalesce(one.merged_into, one.id), coalesce(other.merged_into, other.id)
    FROM parents AS self
    JOIN parent_matches AS match ON match.one = self.id OR match.other = self.id
    JOIN parents AS one ON one.id = match.one
    JOIN parents AS other ON other.id = match.other
    WHERE self.id = ANY(CAST(:ids AS uuid[])) OR self.merged_into = ANY(CAST(:ids AS uuid[]))
""")

_PEOPLE = """
    SELECT match.id, match.status, match.reasons, match.proposed_at, match.decided_at, match.decided_by, match.reason, match.moved,
           coalesce(one.merged_into, one.id) AS one, coalesce(other.merged_into, other.id) AS other
    FROM parent_matches AS match
    JOIN parents AS one ON one.id = match.one
    JOIN parents AS other ON other.id = match.other
"""
_MATCH = text(f"{_PEOPLE} WHERE match.id = :id FOR UPDATE OF match")
_OPEN = text(f"""
    {_PEOPLE}
    WHERE match.status = 'open' AND coalesce(one.merged_into, one.id) <> coalesce(other.merged_into, other.id)
      AND (CAST(:after AS uuid) IS NULL OR match.id > CAST(:after AS uuid))
      AND (CAST(:la_code AS text) IS NULL OR EXISTS (
          SELECT FROM contacts JOIN schools USING (urn) WHERE la_code = :la_code
          AND parent_id IN (coalesce(one.merged_into, one.id), coalesce(other.merged_into, other.id))))
    ORDER BY match.id LIMIT :limit
""")

_KNOWN_AS = text("""
    SELECT contact.*, school.name AS school, school.la_code,
           ARRAY(SELECT DISTINCT pupil.upn FROM pupil_parents AS link JOIN pupils AS pupil ON pupil.id = link.pupil_id
                 WHERE link.urn = contact.urn AND link.ref = contact.ref ORDER BY pupil.upn) AS pupils
    FROM contacts AS contact JOIN schools AS school ON school.urn = contact.urn
    WHERE contact.parent_id = ANY(CAST(:ids AS uuid[])) ORDER BY contact.urn, contact.ref
""")


async def lock_names(tx: Transaction, names: Iterable[str]) -> None:
    """Let nobody else look for matches of these names until the end of the transaction."""
    await tx.execute(_LOCK_NAMES, {"names": sorted(set(names))})


async def contacts_of(tx: Transaction, urn: int, refs: Iterable[str]) -> dict[str, Row[Any]]:
    """Return a school's contacts with these references."""
    rows = await tx.execute(select(contacts).where(contacts.c.urn == urn, contacts.c.ref.in_(list(refs))))
    return {row.ref: row for row in rows}


async def make_parent(tx: Transaction) -> UUID:
    """Make a person."""
    parent_id = new_id()
    await tx.execute(insert(parents).values(id=parent_id))
    return parent_id


async def store_contact(tx: Transaction, urn: int, ref: str, values: Mapping[str, Any], by: str) -> None:
    """Store a contact in place of what was; the person behind an existing one stays."""
    stored = {**values, "stored_by": by, "stored_at": clock.now()}
    replaced = {name: value for name, value in stored.items() if name != "parent_id"}
    query = insert(contacts).values(urn=urn, ref=ref, **stored)
    await tx.execute(query.on_conflict_do_update(index_elements=["urn", "ref"], set_=replaced))


async def link_parents(tx: Transaction, pupil_id: UUID, urn: int, links: Sequence[Mapping[str, Any]]) -> None:
    """Make the look-up rows of a pupil's parents at one school anew; who is left out is a parent through it no longer."""
    refs = [link["ref"] for link in links]
    gone = (pupil_parents.c.pupil_id == pupil_id, pupil_parents.c.urn == urn, pupil_parents.c.ref.not_in(refs))
    await tx.execute(update(pupil_parents).where(*gone, pupil_parents.c.ended_at.is_(None)).values(ended_at=clock.now()))
    for link in links:
        values = {name: link[name] for name in ("relationship", "lives_with_pupil")}
        query = insert(pupil_parents).values(pupil_id=pupil_id, urn=urn, ref=link["ref"], **values)
        await tx.execute(query.on_conflict_do_update(index_elements=["pupil_id", "urn", "ref"], set_={**values, "ended_at": None}))


async def parents_of(tx: Transaction, pupil_id: UUID) -> Sequence[Row[Any]]:
    """Return a pupil's parents through all schools, with their details there and whether a match is open."""
    return (await tx.execute(_LISTED, {"pupil_id": pupil_id})).all()


async def namesakes(tx: Transaction, pupil_id: UUID, urn: int, refs: Sequence[str]) -> Sequence[Row[Any]]:
    """Return other persons' contacts that agree with these in name and something else."""
    return (await tx.execute(_NAMESAKES, {"pupil_id": pupil_id, "urn": urn, "refs": refs})).all()


async def known_pairs(tx: Transaction, ids: Sequence[UUID]) -> set[tuple[UUID, UUID]]:
    """Return the pairs of persons, as they stand now, between whom a match was ever proposed for one of these."""
    return {(min(one, other), max(one, other)) for one, other in await tx.execute(_PAIRS, {"ids": ids})}


async def propose(tx: Transaction, one: UUID, other: UUID, reasons: Sequence[str]) -> None:
    """Propose that two persons are one."""
    query = insert(parent_matches).values(id=new_id(), one=one, other=other, reasons=list(reasons))
    await tx.execute(query.on_conflict_do_nothing())


async def pupils_of(tx: Transaction, ids: Iterable[UUID]) -> set[UUID]:
    """Return the pupils of whom one of these persons is a parent."""
    query = select(pupil_parents.c.pupil_id).join(
        contacts, (contacts.c.urn == pupil_parents.c.urn) & (contacts.c.ref == pupil_parents.c.ref)
    )
    query = query.where(contacts.c.parent_id.in_(list(ids)), pupil_parents.c.ended_at.is_(None))
    return set((await tx.execute(query)).scalars())


async def match(tx: Transaction, match_id: UUID) -> Row[Any] | None:
    """Return a proposed match between the persons as they stand now, held until the end of the transaction."""
    return (await tx.execute(_MATCH, {"id": match_id})).first()


async def open_matches(tx: Transaction, after: UUID | None, limit: int, la_code: str | None) -> Sequence[Row[Any]]:
    """Return matches that await an officer, the oldest first."""
    return (await tx.execute(_OPEN, {"after": after, "limit": limit, "la_code": la_code})).all()


async def known_as(tx: Transaction, ids: Iterable[UUID]) -> Sequence[Row[Any]]:
    """Return how schools know these persons: their contacts with school, authority and pupils."""
    return (await tx.execute(_KNOWN_AS, {"ids": list(ids)})).all()


async def decide(tx: Transaction, match_id: UUID, values: Mapping[str, Any]) -> None:
    """Store an officer's decision."""
    await tx.execute(update(parent_matches).where(parent_matches.c.id == match_id).values(decided_at=clock.now(), **values))


async def merge(tx: Transaction, survivor: UUID, absorbed: UUID, by: str) -> list[list[Any]]:
    """Let every contact of one person be another's; return them (urn, ref)."""
    moved = [[row.urn, row.ref] for row in await known_as(tx, [absorbed])]
    keys = tuple_(contacts.c.urn, contacts.c.ref).in_([(urn, ref) for urn, ref in moved])
    await tx.execute(update(contacts).where(keys).values(parent_id=survivor, stored_by=by, stored_at=clock.now()))
    ids = or_(parents.c.id == absorbed, parents.c.merged_into == absorbed)
    await tx.execute(update(parents).where(ids).values(merged_into=survivor))
    return moved
