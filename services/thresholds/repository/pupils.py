"""Pupils with everything they are judged by: found in a few statements for as many as are asked for."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import Row, and_, func, select, text

from services.thresholds.domain.facts import Mark, Spell
from services.thresholds.domain.pupils import Closure, Pupil, Roll
from services.thresholds.domain.runs import RunStep, Standing, nothing
from services.thresholds.domain.sessions import Session, Span
from services.thresholds.repository.reliances import reliance_of
from services.thresholds.repository.schools import among
from services.thresholds.tables import closures, pupils, reliances, rolls, run_steps
from shared.attendance.register_codes import all_codes
from shared.database import Transaction

T = TypeVar("T")

NONE: Mapping[UUID, UUID] = MappingProxyType({})
"""No record is another one's."""

DAY = timedelta(days=1)
ABSENT = frozenset(entry.code for entry in all_codes() if entry.category == "unauthorised")
"""Codes of unauthorised absence at any time: only sessions with one of them can count."""

_MAKE = text("INSERT INTO pupils (id) SELECT unnest(CAST(:ids AS uuid[])) ON CONFLICT DO NOTHING")
_LOCK = text("SELECT id FROM pupils WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE")
# Asked of each pupil, not joined: a plan that was made while there were few runs might join them in a square.
_LAST = (
    select(run_steps.c.judgement)
    .where(run_steps.c.run_id == pupils.c.run_id, run_steps.c.revision == pupils.c.run_revision)
    .scalar_subquery()
    .label("judgement")
)
# A question for each pupil, in an order that the index has, and no joins of what is asked with what is found: a plan for any number of
# pupils might read all marks there are, or join in a square.
_MARKS = text("""
    SELECT found.* FROM unnest(CAST(:ids AS uuid[]), CAST(:firsts AS date[])) AS pupil (id, first) CROSS JOIN LATERAL (
        SELECT pupil_id, date, session, urn, code, version FROM (
            SELECT *, bool_or(code = ANY(CAST(:absent AS text[]))) OVER (PARTITION BY pupil_id, date, session) AS absent
            FROM marks WHERE pupil_id = pupil.id AND date >= pupil.first
        ) AS own WHERE absent
    ) AS found
    UNION ALL
    SELECT found.*
    FROM unnest(CAST(:besides AS uuid[]), CAST(:dates AS date[]), CAST(:halves AS text[])) AS asked (id, date, half) CROSS JOIN LATERAL (
        SELECT pupil_id, date, session, urn, code, version FROM marks
        WHERE pupil_id = asked.id AND date = asked.date AND session = asked.half OFFSET 0
    ) AS found
""")
_ABSENCES_OF_THOSE_BELOW = text("""
    SELECT asked.id, (
        SELECT count(*) FROM marks WHERE pupil_id = asked.id AND date >= asked.first AND code = ANY(CAST(:absent AS text[]))
    ) AS absences
    FROM unnest(CAST(:ids AS uuid[]), CAST(:firsts AS date[])) AS asked (id, first) JOIN pupils ON pupils.id = asked.id
    WHERE pupils.status = 'below' AND pupils.run_id IS NULL AND NOT EXISTS (SELECT FROM reliances WHERE reliances.pupil_id = asked.id)
""")
_ABSENCES = text("SELECT date, session FROM marks WHERE pupil_id = ANY(CAST(:ids AS uuid[])) AND code = ANY(CAST(:absent AS text[]))")
_STORE_MARKS = text("""
    INSERT INTO marks (pupil_id, date, session, urn, code, version)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:dates AS date[]), CAST(:halves AS text[]), CAST(:urns AS integer[]),
                         CAST(:codes AS text[]), CAST(:versions AS integer[]))
    ON CONFLICT (pupil_id, date, session, urn) DO UPDATE SET code = excluded.code, version = excluded.version
    WHERE marks.version < excluded.version
""")
_STORE_STANDINGS = text("""
    UPDATE pupils SET status = new.status, run_id = new.run_id, run_revision = new.run_revision, approached = new.approached
    FROM unnest(CAST(:ids AS uuid[]), CAST(:statuses AS text[]), CAST(:runs AS uuid[]), CAST(:revisions AS integer[]),
                CAST(:approached AS integer[])) AS new (id, status, run_id, run_revision, approached)
    WHERE pupils.id = new.id
""")
_STORE_STEPS = text("""
    INSERT INTO run_steps (run_id, revision, pupil_id, step, judgement)
    SELECT run_id, revision, pupil_id, step, CAST(judgement AS jsonb)
    FROM unnest(CAST(:runs AS uuid[]), CAST(:revisions AS integer[]), CAST(:pupils AS uuid[]), CAST(:steps AS text[]),
                CAST(:judgements AS text[])) AS sent (run_id, revision, pupil_id, step, judgement)
""")
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
_WITH_MARKS = text("""
    SELECT DISTINCT pupil_id FROM marks WHERE pupil_id = ANY(CAST(:ids AS uuid[])) AND date >= :since
""")


async def lock(tx: Transaction, ids: Iterable[UUID]) -> None:
    """Hold pupils, in order; those not yet known get a row."""
    wanted = sorted(set(ids))
    if len((await tx.execute(_LOCK, {"ids": wanted})).all()) < len(wanted):
        await tx.execute(_MAKE, {"ids": wanted})
        await tx.execute(_LOCK, {"ids": wanted})


async def load(
    tx: Transaction,
    ids: Collection[UUID],
    besides: Collection[tuple[UUID, Session]] = (),
    child: Mapping[UUID, UUID] = NONE,
    *,
    everything: bool = False,
) -> list[Pupil]:
    """Return pupils with every fact that can bear on their threshold, and `besides` what is marked of them in these sessions.

    `child`: records whose facts are another one's, and whose. Where a school marked a session on two records of a child, the mark
    stands that is no absence without authority. `everything`: with what is set aside, which raises no alert.
    """
    if not ids:
        return []
    if child:
        return await _load_together(tx, ids, besides, child)
    rows = (await tx.execute(select(pupils, _LAST).where(among(pupils.c.id, ids)).order_by(pupils.c.id))).all()
    spells = await spells_of(tx, ids)
    resting = await _by_pupil(tx, select(reliances).where(among(reliances.c.pupil_id, ids)).order_by(reliances.c.id), reliance_of)
    closed = await _by_pupil(tx, select(closures).where(among(closures.c.pupil_id, ids)), _closure)
    marks: dict[UUID, dict[tuple[Session, int], Mark]] = defaultdict(dict)
    asked = {
        "besides": [pupil_id for pupil_id, _ in besides],
        "dates": [session.date for _, session in besides],
        "halves": [session.half for _, session in besides],
    }
    firsts = [date.min if everything else _first_day(closed.get(pupil_id, ())) for pupil_id in ids]
    for row in (await tx.execute(_MARKS, {"ids": list(ids), "firsts": firsts, "absent": list(ABSENT), **asked})).all():
        mark = Mark(Session(row.date, row.session), row.urn, row.code, row.version)
        marks[row.pupil_id][mark.session, mark.urn] = mark
    return [
        Pupil(row.id, _roll(row, spells.get(row.id, ())), marks[row.id], tuple(resting[row.id]), tuple(closed[row.id]), _standing(row))
        for row in rows
    ]


async def _load_together(
    tx: Transaction, ids: Collection[UUID], besides: Collection[tuple[UUID, Session]], child: Mapping[UUID, UUID]
) -> list[Pupil]:
    records = {*ids, *child, *child.values()}
    merged = {*child, *child.values()}
    absences = (await tx.execute(_ABSENCES, {"ids": list(merged), "absent": list(ABSENT)})).all()
    sessions = {*(session for _, session in besides), *(Session(row.date, row.session) for row in absences)}
    apart = {each.id: each for each in await load(tx, records, [*besides, *product(merged, sessions)], everything=True)}
    found = []
    for pupil in (apart[each] for each in sorted(ids)):
        others = [apart[each] for each in sorted(child) if child[each] == pupil.id]
        found.append(pupil.with_records(others) if others else pupil.without_facts() if pupil.id in child else pupil)
    return found


async def spells_of(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, tuple[Spell, ...]]:
    """Return the stays on rolls of these pupils; those whose roll is not known are missing."""
    found = await _by_pupil(tx, select(rolls).where(among(rolls.c.pupil_id, ids)), _spell)
    return {pupil_id: tuple(spells) for pupil_id, spells in found.items()}


async def absences_of_those_below(tx: Transaction, since: Mapping[UUID, date]) -> dict[UUID, int]:
    """Return how many absences from a day on are stored of those of these pupils who are below and on whose marks nothing rests."""
    found = await tx.execute(_ABSENCES_OF_THOSE_BELOW, {"ids": list(since), "firsts": list(since.values()), "absent": list(ABSENT)})
    return {row.id: row.absences for row in found}


async def on_roll(tx: Transaction, urns: Collection[int], first: date, last: date) -> Sequence[UUID]:
    """Return the pupils who were on a school's roll, under any of its URNs, on any day from `first` to `last`, or before and after."""
    stays = select(rolls.c.pupil_id).where(among(rolls.c.urn, urns)).group_by(rolls.c.pupil_id)
    around = func.min(rolls.c.admitted_on) <= last, func.max(func.coalesce(rolls.c.left_on, date.max)) >= first
    return (await tx.execute(stays.having(and_(*around)))).scalars().all()


async def with_marks_since(tx: Transaction, ids: Collection[UUID], since: date) -> Sequence[UUID]:
    """Return those of these pupils who have a stored mark on `since` or later."""
    return (await tx.execute(_WITH_MARKS, {"ids": list(ids), "since": since})).scalars().all()


async def store_marks(tx: Transaction, marks: Iterable[tuple[UUID, Mark]]) -> None:
    """Store marks that are newer than what is stored."""
    sent = sorted(marks, key=lambda each: (each[0], each[1].session, each[1].urn))
    if not sent:
        return
    await tx.execute(
        _STORE_MARKS,
        {
            "ids": [pupil_id for pupil_id, _ in sent],
            "dates": [mark.session.date for _, mark in sent],
            "halves": [mark.session.half for _, mark in sent],
            "urns": [mark.urn for _, mark in sent],
            "codes": [mark.code for _, mark in sent],
            "versions": [mark.version for _, mark in sent],
        },
    )


async def store_rolls(tx: Transaction, sent: Mapping[UUID, tuple[str, Roll]]) -> None:
    """Store pupils' UPNs and rolls in place of what was known of them."""
    if not sent:
        return
    ids = list(sent)
    stored = [sent[each] for each in ids]
    await tx.execute(
        _STORE_ROLLS,
        {
            "ids": ids,
            "upns": [upn for upn, _ in stored],
            "revisions": [roll.revision for _, roll in stored],
            "firsts": [roll.compulsory.start for _, roll in stored],
            "lasts": [roll.compulsory.end for _, roll in stored],
        },
    )
    await tx.execute(_CLEAR_SPELLS, {"ids": ids})
    spells = [(pupil_id, spell) for pupil_id in ids for spell in sent[pupil_id][1].spells]
    await tx.execute(
        _STORE_SPELLS,
        {
            "ids": [pupil_id for pupil_id, _ in spells],
            "urns": [spell.urn for _, spell in spells],
            "las": [spell.la_code for _, spell in spells],
            "firsts": [spell.admitted_on for _, spell in spells],
            "lasts": [spell.left_on for _, spell in spells],
        },
    )


async def store_standings(tx: Transaction, standings: Mapping[UUID, Standing]) -> None:
    """Store where pupils stand."""
    if not standings:
        return
    ids = list(standings)
    stored = [standings[each] for each in ids]
    await tx.execute(
        _STORE_STANDINGS,
        {
            "ids": ids,
            "statuses": [standing.status for standing in stored],
            "runs": [standing.run_id for standing in stored],
            "revisions": [standing.run_revision for standing in stored],
            "approached": [standing.approached for standing in stored],
        },
    )


async def add_run_steps(tx: Transaction, steps: Sequence[tuple[UUID, RunStep, Mapping[str, Any]]]) -> None:
    """Add steps of runs, each with the judgement behind it."""
    if not steps:
        return
    await tx.execute(
        _STORE_STEPS,
        {
            "runs": [step.run_id for _, step, _ in steps],
            "revisions": [step.revision for _, step, _ in steps],
            "pupils": [pupil_id for pupil_id, _, _ in steps],
            "steps": [step.step for _, step, _ in steps],
            "judgements": [_json(judgement) for _, _, judgement in steps],
        },
    )


async def _by_pupil(tx: Transaction, statement: Any, made: Callable[[Row[Any]], T]) -> dict[UUID, list[T]]:
    found: dict[UUID, list[T]] = defaultdict(list)
    for row in (await tx.execute(statement)).all():
        found[row.pupil_id].append(made(row))
    return found


def _roll(row: Row[Any], spells: Sequence[Spell]) -> Roll | None:
    if not row.roll_revision:
        return None
    return Roll(row.roll_revision, Span(row.compulsory_from, row.compulsory_to), tuple(spells))


def _spell(row: Row[Any]) -> Spell:
    return Spell(row.urn, row.la_code, row.admitted_on, row.left_on)


def _first_day(closed: Iterable[Closure]) -> date:
    return max((each.set_aside_to + DAY for each in closed if each.set_aside_to), default=date.min)


def _closure(row: Row[Any]) -> Closure:
    return Closure(row.case_id, row.run_id, row.closed_on, row.set_aside_to)


def _standing(row: Row[Any]) -> Standing:
    return Standing(row.status, row.judgement or nothing(), row.run_id, row.run_revision, row.approached)


def _json(value: Mapping[str, Any]) -> str:
    return orjson.dumps(value).decode()
