"""Proposed matches: two persons who may be one, and what an officer decided."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import or_, select, text, tuple_, update

from services.registers.pupils.domain.parents import Keys
from services.registers.tables.parents import contacts, parent_matches, parents
from shared import clock
from shared.database import Transaction
from shared.database.paging import Listed, Order, PageQuery, fetch_page
from shared.database.rows import fetch_all, fetch_one
from shared.ids import new_id

MOST_NAMESAKES = 20
"""Contacts of one name that are looked at for each thing on which they agree: a person has no more, and a placeholder may have thousands."""

# Two contacts whom one school lists side by side for one pupil are two people. A name alone may be that of thousands, so others are reached by what
# they share besides, each by its index. LIMIT and OFFSET keep the planner from joining everything with everything, whatever it believes.
_NAMESAKES = text("""
    SELECT new.parent_id, other.parent_id AS other_id,
           new.name_key, new.postcode_key, new.email_key, new.phone_key, other.name_key AS other_name,
           other.postcode_key AS other_postcode, other.email_key AS other_email, other.phone_key AS other_phone, other.same_child
    FROM unnest(CAST(:pupils AS uuid[]), CAST(:refs AS text[])) AS sent (pupil_id, ref)
    CROSS JOIN LATERAL (SELECT * FROM contacts WHERE urn = :urn AND ref = sent.ref OFFSET 0) AS new
    CROSS JOIN LATERAL (
        SELECT urn, ref, parent_id, name_key, postcode_key, email_key, phone_key, bool_or(same_child) AS same_child
        FROM (
            (SELECT *, false AS same_child FROM contacts
             WHERE postcode_key = new.postcode_key AND name_key = new.name_key AND parent_id <> new.parent_id LIMIT :most)
            UNION ALL
            (SELECT *, false FROM contacts
             WHERE email_key = new.email_key AND name_key = new.name_key AND parent_id <> new.parent_id LIMIT :most)
            UNION ALL
            (SELECT *, false FROM contacts
             WHERE phone_key = new.phone_key AND name_key = new.name_key AND parent_id <> new.parent_id LIMIT :most)
            UNION ALL
            SELECT theirs.*, true
            FROM (
                SELECT sent.pupil_id AS id
                UNION SELECT two.other FROM unnest(CAST(:records AS uuid[]), CAST(:others AS uuid[])) AS two (record, other)
                WHERE two.record = sent.pupil_id
            ) AS child
            CROSS JOIN LATERAL (SELECT pupil_id, urn, ref FROM pupil_parents WHERE pupil_id = child.id OFFSET 0) AS link
            CROSS JOIN LATERAL (
                SELECT claim FROM pupils_at_schools WHERE urn = link.urn AND pupil_id = link.pupil_id OFFSET 0
            ) AS there
            CROSS JOIN LATERAL (
                SELECT claim FROM pupils_at_schools WHERE urn = new.urn AND pupil_id = sent.pupil_id OFFSET 0
            ) AS here
            CROSS JOIN LATERAL (SELECT * FROM contacts WHERE urn = link.urn AND ref = link.ref OFFSET 0) AS theirs
            WHERE there.claim IN ('accepted', 'confirmed') AND here.claim IN ('accepted', 'confirmed')
              AND theirs.name_key = new.name_key AND theirs.parent_id <> new.parent_id
        ) AS found
        GROUP BY urn, ref, parent_id, name_key, postcode_key, email_key, phone_key
    ) AS other
    LEFT JOIN LATERAL (
        SELECT true AS found
        FROM pupil_parents AS a
        CROSS JOIN LATERAL (
            SELECT FROM pupil_parents AS b
            WHERE b.pupil_id = a.pupil_id AND b.urn = a.urn AND b.ref = other.ref AND b.ended_at IS NULL LIMIT 1
        ) AS both_of_one
        WHERE other.urn = new.urn AND a.urn = new.urn AND a.ref = new.ref AND a.ended_at IS NULL LIMIT 1
    ) AS side_by_side ON true
    WHERE side_by_side.found IS NULL
    ORDER BY new.parent_id, other.parent_id
""").bindparams(most=MOST_NAMESAKES)

_PAIRS = text("""
    SELECT coalesce(one.merged_into, one.id), coalesce(other.merged_into, other.id)
    FROM (
        SELECT unnest(CAST(:ids AS uuid[])) AS id
        UNION ALL
        SELECT merged.id FROM unnest(CAST(:ids AS uuid[])) AS survivor (id)
        CROSS JOIN LATERAL (SELECT id FROM parents WHERE merged_into = survivor.id OFFSET 0) AS merged
    ) AS self
    CROSS JOIN LATERAL (
        SELECT one, other FROM parent_matches WHERE one = self.id
        UNION ALL
        SELECT one, other FROM parent_matches WHERE other = self.id
        OFFSET 0
    ) AS match
    CROSS JOIN LATERAL (SELECT id, merged_into FROM parents WHERE id = match.one OFFSET 0) AS one
    CROSS JOIN LATERAL (SELECT id, merged_into FROM parents WHERE id = match.other OFFSET 0) AS other
""")

_PROPOSE = text("""
    INSERT INTO parent_matches (id, one, other, reasons)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:ones AS uuid[]), CAST(:others AS uuid[]), CAST(:reasons AS jsonb[]))
    ON CONFLICT DO NOTHING
""")

_PERSONS = """
    SELECT match.id, match.status, match.reasons, match.proposed_at, match.decided_at, match.decided_by, match.reason, match.moved,
           match.absorbed, match.absorbed_with, match.confirmed_la_code, match.confirmed_at, match.confirmed_by, match.confirmed_reason,
           coalesce(one.merged_into, one.id) AS one, coalesce(other.merged_into, other.id) AS other
    FROM parent_matches AS match
    JOIN parents AS one ON one.id = match.one
    JOIN parents AS other ON other.id = match.other
"""
_MATCH = text(f"{_PERSONS} WHERE match.id = :id FOR UPDATE OF match")
_LISTED = text(f"""
    {_PERSONS}
    WHERE match.status = :status AND (match.status <> 'open' OR coalesce(one.merged_into, one.id) <> coalesce(other.merged_into, other.id))
      AND (CAST(:la_code AS text) IS NULL OR (
          NOT (:deciding AND match.confirmed_la_code IS NOT DISTINCT FROM :la_code) AND EXISTS (
              SELECT FROM contacts JOIN schools USING (urn) WHERE la_code = :la_code
              AND parent_id IN (coalesce(one.merged_into, one.id), coalesce(other.merged_into, other.id)))))
""").columns(
    **{
        name: parent_matches.c[name].type
        for name in ("id", "status", "reasons", "proposed_at", "decided_at", "decided_by", "reason", "moved")
    },
    **{name: parent_matches.c[name].type for name in ("absorbed", "absorbed_with", "one", "other")},
    **{name: parent_matches.c[name].type for name in ("confirmed_la_code", "confirmed_at", "confirmed_by", "confirmed_reason")},
)

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

_CONTACTS = text("""
    SELECT contact.parent_id, contact.urn, school.name AS school, school.la_code, contact.ref, contact.forename, contact.surname,
           contact.address, contact.email, contact.phone, contact.name_key,
           ARRAY(SELECT DISTINCT pupil.upn FROM pupil_parents AS link JOIN pupils AS pupil ON pupil.id = link.pupil_id
                 WHERE link.urn = contact.urn AND link.ref = contact.ref ORDER BY pupil.upn) AS pupils
    FROM contacts AS contact JOIN schools AS school ON school.urn = contact.urn
    WHERE contact.parent_id = ANY(CAST(:ids AS uuid[])) ORDER BY contact.urn, contact.ref
""")


@dataclass(frozen=True, slots=True)
class NamesakeRow:
    """Two persons of one name, by a contact of each; `same_child`: both are parents of one child."""

    parent_id: UUID
    other_id: UUID
    keys: Keys
    other_keys: Keys
    same_child: bool


@dataclass(frozen=True, slots=True)
class Merged:
    """What one person took over from another, so that it can be given back: contacts (school, reference), and persons merged before."""

    absorbed: UUID
    moved: tuple[tuple[int, str], ...]
    absorbed_with: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class PersonContactRow:
    """A person as one school knows them, with the pupils there."""

    parent_id: UUID
    urn: int
    school: str
    la_code: str
    ref: str
    forename: str
    surname: str
    address: list[str] | None
    email: str | None
    phone: str | None
    name_key: str
    pupils: list[str]


@dataclass(frozen=True, slots=True)
class MatchedPerson:
    """One of two persons who may be the same, as schools know them; out of the reader's reach by the name and the schools alone."""

    id: UUID
    contacts: list[PersonContactRow]
    within_reach: bool


@dataclass(frozen=True, slots=True)
class Confirmation:
    """An officer's answer that two persons are one, who reaches one of the two alone: an officer of another authority is asked."""

    la_code: str
    reason: str
    confirmed_at: datetime
    confirmed_by: str


Status = Literal["open", "same", "different"]


@dataclass(frozen=True, slots=True)
class Match:
    """Two parents, as they stand now, who may be one person; on what they agree, and what an officer decided."""

    id: UUID
    status: Status
    reasons: list[str]
    proposed_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    merged: Merged | None
    one: UUID
    other: UUID
    confirmation: Confirmation | None
    people: tuple[MatchedPerson, ...] = ()
    decides: bool = False
    """Whether nobody else has to confirm where the caller does."""


async def namesakes(
    tx: Transaction, urn: int, links: Sequence[tuple[UUID, str]], others: Mapping[UUID, Sequence[UUID]]
) -> list[NamesakeRow]:
    """Return other persons' contacts that agree with these (pupil, reference) in name and something else, at most `MOST_NAMESAKES` by each.

    `others`: the other records of each pupil.
    """
    same = [(record, other) for record, each in others.items() for other in each]
    sent = {
        "pupils": [pupil_id for pupil_id, _ in links],
        "refs": [ref for _, ref in links],
        "records": [record for record, _ in same],
        "others": [other for _, other in same],
    }
    return [
        NamesakeRow(row.parent_id, row.other_id, Keys(*row[2:6]), Keys(*row[6:10]), row.same_child)
        for row in await tx.execute(_NAMESAKES, {"urn": urn, **sent})
    ]


async def proposed_pairs(tx: Transaction, ids: Sequence[UUID]) -> set[tuple[UUID, UUID]]:
    """Return the pairs of persons, as they stand now, between whom a match was ever proposed for one of these."""
    return {(min(one, other), max(one, other)) for one, other in await tx.execute(_PAIRS, {"ids": ids})}


async def propose(tx: Transaction, pairs: Mapping[tuple[UUID, UUID], Collection[str]]) -> None:
    """Propose, of pairs of persons, that the two are one, with the reasons for it."""
    ordered = sorted(pairs)
    sent = {
        "ids": [new_id() for _ in ordered],
        "ones": [one for one, _ in ordered],
        "others": [other for _, other in ordered],
        "reasons": [orjson.dumps(sorted(pairs[pair])).decode() for pair in ordered],
    }
    await tx.execute(_PROPOSE, sent)


async def match(tx: Transaction, match_id: UUID) -> Match | None:
    """Return a proposed match between the persons as they stand now, locked until the end of the transaction."""
    return await fetch_one(tx, _MATCH, _match, {"id": match_id})


async def match_page(tx: Transaction, status: Status, page: PageQuery, la_code: str | None, *, deciding: bool) -> Listed[Match]:
    """Return matches with a status, the oldest first; `deciding`: only those that this authority has not confirmed."""
    found = _LISTED.bindparams(status=status, la_code=la_code, deciding=deciding).subquery()
    return await fetch_page(tx, select(found), _match, Order((found.c.id,)), page)


async def contacts_of_persons(tx: Transaction, ids: Iterable[UUID]) -> list[PersonContactRow]:
    """Return how schools know these persons: their contacts with school, authority and pupils."""
    return await fetch_all(tx, _CONTACTS, PersonContactRow, {"ids": list(ids)})


async def decide(tx: Transaction, match_id: UUID, same: bool, reason: str, by: str, role: str, merged: Merged | None) -> None:
    """Store an officer's decision, and what it merged."""
    values = {"status": "same" if same else "different", "decided_at": clock.now(), "decided_by": by, "role": role, "reason": reason}
    taken = asdict(merged) if merged else {}
    await tx.execute(update(parent_matches).where(parent_matches.c.id == match_id).values(**values, **taken))


async def confirm(tx: Transaction, match_id: UUID, given: Confirmation, role: str) -> None:
    """Store an officer's confirmation; the match stays open for an officer of another authority."""
    values = {
        "confirmed_la_code": given.la_code,
        "confirmed_at": given.confirmed_at,
        "confirmed_by": given.confirmed_by,
        "confirmed_role": role,
        "confirmed_reason": given.reason,
    }
    await tx.execute(update(parent_matches).where(parent_matches.c.id == match_id).values(**values))


async def merge(tx: Transaction, survivor: UUID, absorbed: UUID, by: str) -> Merged:
    """Let every contact of one person be another's; return what `unmerge` needs."""
    moved = tuple((row.urn, row.ref) for row in await contacts_of_persons(tx, [absorbed]))
    await _give(tx, survivor, moved, by)
    before = (await tx.execute(select(parents.c.id).where(parents.c.merged_into == absorbed).order_by(parents.c.id))).scalars()
    merged = Merged(absorbed, moved, tuple(before))
    ids = or_(parents.c.id == absorbed, parents.c.merged_into == absorbed)
    await tx.execute(update(parents).where(ids).values(merged_into=survivor))
    return merged


async def unmerge(tx: Transaction, merged: Merged, by: str) -> None:
    """Give a person back the contacts, and the persons merged into them before, that `merge` moved."""
    await _give(tx, merged.absorbed, merged.moved, by)
    await tx.execute(update(parents).where(parents.c.id == merged.absorbed).values(merged_into=None))
    await tx.execute(update(parents).where(parents.c.id.in_(merged.absorbed_with)).values(merged_into=merged.absorbed))


async def moved_later(tx: Transaction, match_id: UUID) -> bool:
    """Return whether a match that was confirmed later moved the same contacts on."""
    return bool((await tx.execute(_MOVED_LATER, {"id": match_id})).scalar())


async def reopen(tx: Transaction, match_id: UUID, reason: str, by: str, role: str) -> None:
    """Let a decided match await an officer again, keeping the decision that is taken back."""
    await tx.execute(_KEEP_DECISION, {"undoing": new_id(), "id": match_id, "reason": reason, "by": by, "role": role})
    decided = "decided_at", "decided_by", "role", "reason", "moved", "absorbed", "absorbed_with"
    confirmed = "confirmed_la_code", "confirmed_at", "confirmed_by", "confirmed_role", "confirmed_reason"
    undecided = dict.fromkeys((*decided, *confirmed))
    await tx.execute(update(parent_matches).where(parent_matches.c.id == match_id).values(status="open", **undecided))


async def _give(tx: Transaction, person: UUID, which: Sequence[tuple[int, str]], by: str) -> None:
    keys = tuple_(contacts.c.urn, contacts.c.ref).in_(which)
    await tx.execute(update(contacts).where(keys).values(parent_id=person, stored_by=by, stored_at=clock.now()))


def _match(
    *,
    absorbed: UUID | None,
    moved: Iterable[tuple[int, str]] | None,
    absorbed_with: Iterable[str] | None,
    confirmed_la_code: str | None,
    confirmed_reason: str | None,
    confirmed_at: datetime | None,
    confirmed_by: str | None,
    **columns: Any,
) -> Match:
    merged = absorbed and Merged(absorbed, tuple((urn, ref) for urn, ref in moved or ()), tuple(map(UUID, absorbed_with or ())))
    confirmation = None
    if confirmed_la_code and confirmed_reason and confirmed_at and confirmed_by:
        confirmation = Confirmation(confirmed_la_code, confirmed_reason, confirmed_at, confirmed_by)
    return Match(merged=merged or None, confirmation=confirmation, **columns)
