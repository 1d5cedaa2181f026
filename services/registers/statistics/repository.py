"""Sessions counted by class and code, for a school or an authority."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import TextClause, select, text

from services.registers.statistics.domain import By, Figures
from services.registers.tables.schools import schools
from shared.attendance.sessions import Half
from shared.database import Transaction


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted: sessions that schools held, of pupils born within these dates, and the class of each code.

    `persistence`: the share of possible sessions, in per cent, from which a pupil who missed them is persistently absent.
    """

    first: date
    last: date
    held: Sequence[tuple[int, date, Half]]
    born: tuple[date, date]
    classes: Mapping[str, str]
    persistence: int


# Session by session to the marks of the school's pupils, by the key of the marks, which one session's register filled side by side:
# the cost is that of the marks counted, however many others there are. Marks outside sessions and rolls are never met.
_COUNTED = """
WITH held AS (
    SELECT * FROM unnest(CAST(:urns AS integer[]), CAST(:dates AS date[]), CAST(:halves AS text[])) AS held (urn, date, session)
),
school AS MATERIALIZED (
    SELECT spell.urn, array_agg(spell.pupil_id) AS pupils, array_agg(spell.admitted_on) AS firsts,
        array_agg(coalesce(spell.left_on, 'infinity')) AS lasts
    FROM roll_spells AS spell JOIN pupils ON pupils.id = spell.pupil_id
    WHERE spell.urn = ANY(CAST(:urns AS integer[])) AND pupils.date_of_birth BETWEEN :born_first AND :born_last
      AND spell.admitted_on <= :last AND coalesce(spell.left_on, 'infinity') >= :first
    GROUP BY spell.urn
),
class AS (
    SELECT * FROM unnest(CAST(:codes AS text[]), CAST(:categories AS text[])) AS class (code, category)
),
counted AS MATERIALIZED (
    SELECT held.urn, mark.pupil_id, mark.code, {part} AS part, count(*) AS sessions
    FROM held
    JOIN school ON school.urn = held.urn
    CROSS JOIN LATERAL (
        SELECT array_agg(spell.pupil_id) AS pupils FROM unnest(school.pupils, school.firsts, school.lasts) AS spell (pupil_id, first, last)
        WHERE held.date BETWEEN spell.first AND spell.last
    ) AS roll
    CROSS JOIN LATERAL (
        SELECT marks.pupil_id, marks.code FROM marks
        WHERE marks.date = held.date AND marks.session = held.session AND marks.pupil_id = ANY(roll.pupils) AND marks.urn = held.urn
        OFFSET 0
    ) AS mark
    GROUP BY held.urn, mark.pupil_id, mark.code, part
),
enrolment AS (
    SELECT urn, pupil_id, part,
        coalesce(sum(sessions) FILTER (WHERE category = 'attending'), 0) AS attended,
        coalesce(sum(sessions) FILTER (WHERE category = 'authorised'), 0) AS authorised,
        coalesce(sum(sessions) FILTER (WHERE category = 'unauthorised'), 0) AS unauthorised,
        coalesce(sum(sessions) FILTER (WHERE category = 'not-possible'), 0) AS not_possible
    FROM counted JOIN class USING (code)
    GROUP BY urn, pupil_id, part
),
in_total AS (
    SELECT urn, pupil_id, sum(attended) AS attended, sum(authorised) AS authorised, sum(unauthorised) AS unauthorised,
        sum(not_possible) AS not_possible, sum(attended + authorised + unauthorised) AS possible
    FROM enrolment GROUP BY urn, pupil_id
)
"""
_FIGURES = """
    count(*) FILTER (WHERE attended + authorised + unauthorised > 0) AS enrolments, coalesce(sum(attended), 0) AS attended,
    coalesce(sum(authorised), 0) AS authorised, coalesce(sum(unauthorised), 0) AS unauthorised, coalesce(sum(not_possible), 0) AS not_possible
"""
_PERSISTENT = "count(*) FILTER (WHERE possible > 0 AND 100 * (authorised + unauthorised) >= :persistence * possible) AS persistent"
_TOTAL = f"SELECT NULL AS name, {_FIGURES}, {_PERSISTENT} FROM in_total"  # noqa: S608 -- every part stands in this file
_ITEMS = {
    "code": "SELECT code, 0, sum(sessions), 0, 0, 0, 0 FROM counted GROUP BY code",
    "week": f"SELECT CAST(part AS text), {_FIGURES}, 0 FROM enrolment GROUP BY part",  # noqa: S608 -- as above
    "school": f"SELECT CAST(urn AS text), {_FIGURES}, {_PERSISTENT} FROM in_total GROUP BY urn",  # noqa: S608 -- as above
}


def _statement(by: str) -> TextClause:
    part = "CAST(date_trunc('week', held.date) AS date)" if by == "week" else "CAST(NULL AS date)"
    return text(f"{_COUNTED.format(part=part)} {_TOTAL} UNION ALL {_ITEMS[by]} ORDER BY name NULLS FIRST")


_STATEMENTS = {by: _statement(by) for by in _ITEMS}


async def count(tx: Transaction, scope: Scope, by: By) -> list[Figures]:
    """Return the figures in total (`part` None) and of each code, week or school: of a code its sessions stand in `attended`."""
    values = {
        "urns": [urn for urn, _, _ in scope.held],
        "dates": [day for _, day, _ in scope.held],
        "halves": [half for _, _, half in scope.held],
        "codes": list(scope.classes),
        "categories": list(scope.classes.values()),
        "born_first": scope.born[0],
        "born_last": scope.born[1],
        "first": scope.first,
        "last": scope.last,
        "persistence": scope.persistence,
    }
    return [
        Figures(enrolments, int(attended), int(authorised), int(unauthorised), int(not_possible), persistent, name)
        for name, enrolments, attended, authorised, unauthorised, not_possible, persistent in await tx.execute(_STATEMENTS[by], values)
    ]


async def schools_of(tx: Transaction, la_code: str, district: str | None) -> list[int]:
    """Return the schools of an authority, or of one district of it."""
    query = select(schools.c.urn).where(schools.c.la_code == la_code).order_by(schools.c.urn)
    if district:
        query = query.where(schools.c.district == district)
    return list((await tx.execute(query)).scalars())
