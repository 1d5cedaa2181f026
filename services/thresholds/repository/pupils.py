"""Pupils with everything they are judged by: found in a few statements for as many as are asked for."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text

from services.thresholds.domain.facts import Mark, MarkKey, SetAside, Spell
from services.thresholds.domain.judgement import NOTHING_COUNTS
from services.thresholds.domain.pupils import Pupil, Roll, aside_of
from services.thresholds.domain.runs import Standing
from services.thresholds.domain.sessions import Session, Span
from services.thresholds.repository.arrays import among, arrays
from services.thresholds.repository.marks import ABSENT
from services.thresholds.repository.reliances import closed_cases_of, reliances_of
from services.thresholds.repository.rolls import spells_of
from services.thresholds.repository.runs import PUBLISHED_JUDGEMENT, judgement_of
from services.thresholds.tables import pupils
from shared.database import Transaction

DAY = timedelta(days=1)

_CREATE = text("INSERT INTO pupils (id) SELECT unnest(CAST(:ids AS uuid[])) ON CONFLICT DO NOTHING")
_LOCK = text("SELECT id FROM pupils WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE")
# A question for each pupil, in an order that the index has, and no joins of what is asked with what is found: a plan for any number of
# pupils might read all marks there are, or join in a square.
_MARKS = text("""
    SELECT found.* FROM unnest(CAST(:ids AS uuid[]), CAST(:firsts AS date[])) AS pupil (id, first) CROSS JOIN LATERAL (
        SELECT pupil_id, date, session, urn, code, version, covered, revision FROM (
            SELECT *, bool_or(code = ANY(CAST(:absent AS text[]))) OVER (PARTITION BY pupil_id, date, session) AS absent
            FROM marks WHERE pupil_id = pupil.id AND date >= pupil.first
        ) AS own WHERE absent
    ) AS found
    UNION ALL
    SELECT found.*
    FROM unnest(CAST(:also AS uuid[]), CAST(:dates AS date[]), CAST(:halves AS text[])) AS asked (id, date, half) CROSS JOIN LATERAL (
        SELECT pupil_id, date, session, urn, code, version, covered, revision FROM marks
        WHERE pupil_id = asked.id AND date = asked.date AND session = asked.half OFFSET 0
    ) AS found
""")
_ABSENCES = text("SELECT date, session FROM marks WHERE pupil_id = ANY(CAST(:ids AS uuid[])) AND code = ANY(CAST(:absent AS text[]))")


async def lock_pupils(tx: Transaction, ids: Iterable[UUID]) -> None:
    """Lock pupils, in order; those without a row get one."""
    wanted = sorted(set(ids))
    if len((await tx.execute(_LOCK, {"ids": wanted})).all()) < len(wanted):
        await tx.execute(_CREATE, {"ids": wanted})
        await tx.execute(_LOCK, {"ids": wanted})


async def load_pupils(
    tx: Transaction,
    ids: Collection[UUID],
    child_of: Mapping[UUID, UUID] | None = None,
    also: Collection[tuple[UUID, Session]] = (),
    *,
    with_set_aside: bool = False,
) -> list[Pupil]:
    """Return pupils with every fact that can bear on their threshold, and every mark of the pupils and sessions in `also`.

    `child_of`: the merged records, each with the record under which the child is judged, which then has the facts of all of them. Where a
    school marked a session on two records, a mark that is no absence without authority prevails.
    `with_set_aside`: with the marks that raise no alert any more.
    """
    if not ids:
        return []
    if child_of:
        return await _load_merged(tx, ids, child_of, also)
    rows = (await tx.execute(select(pupils, PUBLISHED_JUDGEMENT).where(among(pupils.c.id, ids)).order_by(pupils.c.id))).all()
    spells = await spells_of(tx, ids)
    reliances = await reliances_of(tx, ids)
    closed = await closed_cases_of(tx, ids)
    marks: dict[UUID, dict[MarkKey, Mark]] = defaultdict(dict)
    aside = {pupil_id: aside_of(own) for pupil_id, own in closed.items()}
    kept = [(pupil_id, session) for pupil_id, own in aside.items() for session in own.kept]
    asked = arrays("also dates halves", [(pupil_id, *session) for pupil_id, session in [*also, *kept]])
    firsts = [date.min if with_set_aside else _first_day(aside.get(pupil_id)) for pupil_id in ids]
    for row in (await tx.execute(_MARKS, {"ids": list(ids), "firsts": firsts, "absent": list(ABSENT), **asked})).all():
        mark = Mark(Session(row.date, row.session), row.urn, row.code, row.version, row.covered, row.revision)
        marks[row.pupil_id][mark.session, mark.urn] = mark
    return [
        Pupil(row.id, _roll(row, spells.get(row.id, ())), marks[row.id], tuple(reliances[row.id]), tuple(closed[row.id]), _standing(row))
        for row in rows
    ]


async def _load_merged(
    tx: Transaction, ids: Collection[UUID], child_of: Mapping[UUID, UUID], also: Collection[tuple[UUID, Session]]
) -> list[Pupil]:
    merged = {*child_of, *child_of.values()}
    absences = (await tx.execute(_ABSENCES, {"ids": list(merged), "absent": list(ABSENT)})).all()
    sessions = {*(session for _, session in also), *(Session(row.date, row.session) for row in absences)}
    records = {
        each.id: each for each in await load_pupils(tx, {*ids, *merged}, None, [*also, *product(merged, sessions)], with_set_aside=True)
    }
    found = []
    for pupil in (records[each] for each in sorted(ids)):
        others = [records[each] for each in sorted(child_of) if child_of[each] == pupil.id]
        found.append(pupil.with_records(others) if others else pupil.without_facts() if pupil.id in child_of else pupil)
    return found


def _roll(row: Row[Any], spells: Sequence[Spell]) -> Roll | None:
    if not row.roll_revision:
        return None
    return Roll(row.roll_revision, Span(row.compulsory_from, row.compulsory_to), tuple(spells))


def _first_day(aside: SetAside | None) -> date:
    return aside.to + DAY if aside and aside.to else date.min


def _standing(row: Row[Any]) -> Standing:
    judgement = judgement_of(row.judgement) if row.judgement else NOTHING_COUNTS
    return Standing(row.status, judgement, row.run_id, row.run_revision, row.approaches)
