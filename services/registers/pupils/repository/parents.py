"""Contacts of schools, the persons behind them, and proposed matches."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.registers.tables.parents import contacts, parent_matches, parents, pupil_parents
from shared import clock
from shared.database import Transaction
from shared.ids import new_id

# A thousand locks for all names: a whole school's roll would not fit into the table of locks otherwise.
_LOCK_NAMES = text("""
    SELECT pg_advisory_xact_lock(883, CAST(key AS integer)) FROM (
        SELECT DISTINCT hashtextextended(name, 883) & 1023 AS key FROM unnest(CAST(:names AS text[])) AS name ORDER BY key
    ) AS keys
""")

# Two contacts whom one school lists side by side for one pupil are two people: it knows.
_NAMESAKES = text("""
    SELECT new.ref, new.parent_id, other.parent_id AS other_id,
           new.name_key, new.postcode_key, new.email_key, new.phone_key, other.name_key AS other_name,
           other.postcode_key AS other_postcode, other.email_key AS other_email, other.phone_key AS other_phone, child.same AS same_child
    FROM unnest(CAST(:pupils AS uuid[]), CAST(:refs AS text[])) AS sent (pupil_id, ref)
    JOIN contacts AS new ON new.urn = :urn AND new.ref = sent.ref
    JOIN contacts AS other ON other.name_key = new.name_key AND other.parent_id <> new.parent_id
    CROSS JOIN LATERAL (
        SELECT EXISTS (
            SELECT FROM pupil_parents AS link WHERE link.urn = other.urn AND link.ref = other.ref AND (
                link.pupil_id = sent.pupil_id
                OR (sent.pupil_id, link.pupil_id) IN (SELECT * FROM unnest(CAST(:records AS uuid[]), CAST(:others AS uuid[])))
            )
        ) AS same
    ) AS child
    WHERE (other.postcode_key = new.postcode_key OR other.email_key = new.email_key OR other.phone_key = new.phone_key OR child.same)
      AND NOT EXISTS (
          SELECT FROM pupil_parents AS a JOIN pupil_parents AS b ON b.pupil_id = a.pupil_id AND b.urn = a.urn
          WHERE a.urn = new.urn AND a.ref = new.ref AND b.urn = other.urn AND b.ref = other.ref AND a.ended_at IS NULL AND b.ended_at IS NULL
      )
    ORDER BY new.parent_id, other.parent_id
""")

_LISTED = text("""
    SELECT link.pupil_id, link.urn, link.ref, contact.parent_id, contact.forename, contact.surname, contact.address, contact.email,
           link.relationship, link.liability_basis, link.lives_with_pupil,
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
    WHERE link.pupil_id = ANY(CAST(:ids AS uuid[])) AND link.ended_at IS NULL
    ORDER BY link.urn, contact.parent_id, link.ref
""")

_BEFORE = text("""
    WITH RECURSIVE earlier (urn) AS (
        SELECT predecessor FROM successions WHERE urn = :urn
        UNION SELECT predecessor FROM successions JOIN earlier USING (urn)
    )
    SELECT ref, name_key, parent_id FROM contacts JOIN earlier USING (urn) WHERE ref = ANY(CAST(:refs AS text[])) ORDER BY stored_at
""")

_UNLINK = text("""
    UPDATE pupil_parents AS link SET ended_at = :now
    WHERE urn = :urn AND pupil_id = ANY(CAST(:ids AS uuid[])) AND ended_at IS NULL
      AND NOT EXISTS (SELECT FROM unnest(CAST(:pupils AS uuid[]), CAST(:refs AS text[])) AS kept (pupil_id, ref)
                      WHERE kept.pupil_id = link.pupil_id AND kept.ref = link.ref)
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
           match.absorbed, match.absorbed_with,
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

_MOVED_LATER = text("""
    SELECT EXISTS (
        SELECT FROM parent_matches AS this CROSS JOIN parent_matches AS later
        WHERE this.id = :id AND later.id <> this.id AND later.status = 'same' AND later.decided_at > this.decided_at
          AND EXISTS (SELECT FROM jsonb_array_elements(this.moved) AS mine (contact) WHERE later.moved @> jsonb_build_array(mine.contact))
    )
""")

_KEEP_DECISION = text("""
    INSERT INTO match_undoings (id, match_id, was, reason, undone_by, role)
    SELECT :undoing, id, to_jsonb(parent_matches), :reason, :by, :role FROM parent_matches WHERE id = :id
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
    query = select(contacts).where(contacts.c.urn == urn, contacts.c.ref == text("ANY(CAST(:refs AS text[]))"))
    return {row.ref: row for row in await tx.execute(query, {"refs": list(refs)})}


async def contacts_of_pupils(tx: Transaction, pupil_ids: Iterable[UUID]) -> Sequence[Row[Any]]:
    """Return every contact through which someone is or was a parent of these pupils."""
    query = select(contacts).join(pupil_parents, (pupil_parents.c.urn == contacts.c.urn) & (pupil_parents.c.ref == contacts.c.ref))
    return (await tx.execute(query.where(pupil_parents.c.pupil_id.in_(list(pupil_ids))))).all()


async def contacts_before(tx: Transaction, urn: int, refs: Iterable[str]) -> Sequence[Row[Any]]:
    """Return ref, name_key and parent_id of the contacts with these references at the schools that a school continues."""
    return (await tx.execute(_BEFORE, {"urn": urn, "refs": list(refs)})).all()


async def make_parents(tx: Transaction, count: int) -> list[UUID]:
    """Make so many persons."""
    ids = [new_id() for _ in range(count)]
    await tx.execute(text("INSERT INTO parents (id) SELECT unnest(CAST(:ids AS uuid[]))"), {"ids": ids})
    return ids


async def store_contacts(tx: Transaction, urn: int, sent: Mapping[str, Mapping[str, Any]], by: str) -> None:
    """Store contacts in place of what was; the person behind an existing one stays."""
    if not sent:
        return
    now = clock.now()
    rows = [{"urn": urn, "ref": ref, **sent[ref], "stored_by": by, "stored_at": now} for ref in sorted(sent)]
    query = insert(contacts)
    replaced = {name: query.excluded[name] for name in rows[0] if name not in {"urn", "ref", "parent_id"}}
    await tx.execute(query.on_conflict_do_update(index_elements=["urn", "ref"], set_=replaced), rows)


async def link_parents(tx: Transaction, urn: int, links: Mapping[UUID, Sequence[Mapping[str, Any]]]) -> None:
    """Make the look-up rows of pupils' parents at one school anew; who is left out is a parent through it no longer."""
    rows = [{"pupil_id": pupil_id, "urn": urn, **link} for pupil_id in sorted(links) for link in links[pupil_id]]
    kept = {"pupils": [row["pupil_id"] for row in rows], "refs": [row["ref"] for row in rows]}
    await tx.execute(_UNLINK, {"urn": urn, "ids": list(links), "now": clock.now(), **kept})
    if rows:
        query = insert(pupil_parents)
        replaced = {name: query.excluded[name] for name in rows[0] if name not in {"pupil_id", "urn", "ref"}}
        query = query.on_conflict_do_update(index_elements=["pupil_id", "urn", "ref"], set_={**replaced, "ended_at": None})
        await tx.execute(query, rows)


async def parents_of(tx: Transaction, pupil_id: UUID) -> Sequence[Row[Any]]:
    """Return a pupil's parents through all schools, with their details there and whether a match is open."""
    return (await parents_of_all(tx, [pupil_id]))[pupil_id]


async def parents_of_all(tx: Transaction, pupil_ids: Iterable[UUID]) -> dict[UUID, list[Row[Any]]]:
    """Return the parents of several pupils through all schools."""
    found: dict[UUID, list[Row[Any]]] = {pupil_id: [] for pupil_id in pupil_ids}
    for row in await tx.execute(_LISTED, {"ids": list(found)}):
        found[row.pupil_id].append(row)
    return found


async def namesakes(
    tx: Transaction, urn: int, links: Sequence[tuple[UUID, str]], others: Mapping[UUID, Sequence[UUID]]
) -> Sequence[Row[Any]]:
    """Return other persons' contacts that agree with these (pupil, reference) in name and something else.

    `others`: the other records of each pupil.
    """
    same = [(record, other) for record, each in others.items() for other in each]
    sent = {
        "pupils": [pupil_id for pupil_id, _ in links],
        "refs": [ref for _, ref in links],
        "records": [record for record, _ in same],
        "others": [other for _, other in same],
    }
    return (await tx.execute(_NAMESAKES, {"urn": urn, **sent})).all()


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
    query = query.where(contacts.c.parent_id == text("ANY(CAST(:ids AS uuid[]))"), pupil_parents.c.ended_at.is_(None))
    return set((await tx.execute(query, {"ids": list(ids)})).scalars())


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


async def merge(tx: Transaction, survivor: UUID, absorbed: UUID, by: str) -> dict[str, Any]:
    """Let every contact of one person be another's; return what `unmerge` needs: `moved` (urn, ref), `absorbed`, `absorbed_with`."""
    moved = [[row.urn, row.ref] for row in await known_as(tx, [absorbed])]
    await _give(tx, survivor, moved, by)
    before = (await tx.execute(select(parents.c.id).where(parents.c.merged_into == absorbed).order_by(parents.c.id))).scalars()
    absorbed_with = [str(parent_id) for parent_id in before]
    ids = or_(parents.c.id == absorbed, parents.c.merged_into == absorbed)
    await tx.execute(update(parents).where(ids).values(merged_into=survivor))
    return {"moved": moved, "absorbed": absorbed, "absorbed_with": absorbed_with}


async def unmerge(tx: Transaction, merged: Row[Any], by: str) -> None:
    """Give a person back the contacts, and the persons merged into them before, that a merger took along."""
    await _give(tx, merged.absorbed, merged.moved, by)
    await tx.execute(update(parents).where(parents.c.id == merged.absorbed).values(merged_into=None))
    earlier = parents.c.id.in_([UUID(parent_id) for parent_id in merged.absorbed_with])
    await tx.execute(update(parents).where(earlier).values(merged_into=merged.absorbed))


async def moved_later(tx: Transaction, merged: Row[Any]) -> bool:
    """Tell whether a later confirmed match took the same contacts along further."""
    return bool((await tx.execute(_MOVED_LATER, {"id": merged.id})).scalar())


async def reopen(tx: Transaction, match_id: UUID, reason: str, by: str, role: str) -> None:
    """Let a decided match await an officer again, keeping the decision that is taken back."""
    await tx.execute(_KEEP_DECISION, {"undoing": new_id(), "id": match_id, "reason": reason, "by": by, "role": role})
    undecided = dict.fromkeys(("decided_at", "decided_by", "role", "reason", "moved", "absorbed", "absorbed_with"))
    await tx.execute(update(parent_matches).where(parent_matches.c.id == match_id).values(status="open", **undecided))


async def _give(tx: Transaction, person: UUID, which: Sequence[Sequence[Any]], by: str) -> None:
    keys = tuple_(contacts.c.urn, contacts.c.ref).in_([(urn, ref) for urn, ref in which])
    await tx.execute(update(contacts).where(keys).values(parent_id=person, stored_by=by, stored_at=clock.now()))
