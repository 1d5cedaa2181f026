"""Totals by school and month: which are stale, counted anew from the marks, and added up for a period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import TextClause, select, text

from services.registers.schools.domain.calendars import Session
from services.registers.statistics.domain import By, Figures
from services.registers.tables.schools import schools
from services.registers.tables.statistics import monthly_totals
from shared.database import Transaction
from shared.database.rows import fetch_all
from shared.due_work import not_waiting

# One statement, so one moment: every receipt up to the revision that it sees is there, since whoever writes one has the school locked.
# Marks change only with a receipt; another roll may change any month.
_NOTE = text("""
    WITH now AS MATERIALIZED (
        SELECT school.urn, school.revision, school.roll_version, coalesce(counted.revision, -1) AS since,
               counted.roll_version IS DISTINCT FROM school.roll_version AS has_other_roll
        FROM schools AS school LEFT JOIN counted_schools AS counted USING (urn) WHERE school.urn = :urn
    ),
    noted AS (
        INSERT INTO monthly_totals (urn, month)
        SELECT :urn, month FROM (
            SELECT CAST(date_trunc('month', receipt.date) AS date) AS month
            FROM now JOIN receipts AS receipt ON receipt.urn = :urn AND receipt.revision > now.since WHERE receipt.date >= :first
            UNION SELECT month FROM now JOIN monthly_totals AS totals ON totals.urn = :urn WHERE now.has_other_roll
        ) AS changed ORDER BY month
        ON CONFLICT (urn, month) DO UPDATE SET stale = true
    )
    INSERT INTO counted_schools (urn, revision, roll_version) SELECT urn, revision, roll_version FROM now
    ON CONFLICT (urn) DO UPDATE SET revision = excluded.revision, roll_version = excluded.roll_version
""")

_CHANGED = text("""
    SELECT school.urn FROM schools AS school LEFT JOIN counted_schools AS counted USING (urn)
    WHERE school.urn = ANY(CAST(:urns AS integer[]))
      AND (school.revision, school.roll_version) IS DISTINCT FROM (counted.revision, counted.roll_version)
    ORDER BY school.urn
""")

_DUE = text(f"""
    SELECT due.urn FROM (
        SELECT urn FROM monthly_totals WHERE stale
        UNION
        SELECT school.urn FROM schools AS school LEFT JOIN counted_schools AS counted USING (urn)
        WHERE (school.revision, school.roll_version) IS DISTINCT FROM (counted.revision, counted.roll_version)
          AND NOT EXISTS (
              SELECT FROM (SELECT received_at FROM receipts WHERE receipts.urn = school.urn ORDER BY revision DESC LIMIT 1) AS latest
              WHERE latest.received_at > :before AND latest.received_at <= :until
          )
    ) AS due
    WHERE {not_waiting("CAST(due.urn AS text)")}
    ORDER BY due.urn LIMIT :limit
""")  # noqa: S608 -- of constants

# Of pupils by the date of birth that counts, of several decided last, and without those whom the school only claims.
# Session by session to the marks of the school's pupils, by the key of the marks, which one session's register filled side by side:
# the cost is that of the marks counted, however many others there are. Marks outside sessions and rolls are never met.
_COUNT = text("""
    WITH roll AS MATERIALIZED (
        SELECT array_agg(spell.pupil_id) AS pupils, array_agg(spell.admitted_on) AS firsts,
               array_agg(coalesce(spell.left_on, 'infinity')) AS lasts
        FROM roll_spells AS spell JOIN pupils ON pupils.id = spell.pupil_id
        JOIN pupils_at_schools AS here ON here.urn = spell.urn AND here.pupil_id = spell.pupil_id AND here.claim IN ('accepted', 'confirmed')
        LEFT JOIN LATERAL (
            SELECT other.date_of_birth FROM pupil_mergers AS merger
            JOIN pupils AS other ON other.id IN (merger.survivor, merger.absorbed) AND other.id <> merger.wrong_birth
            WHERE merger.undone_at IS NULL AND merger.wrong_birth = spell.pupil_id ORDER BY merger.id DESC LIMIT 1
        ) AS decided ON true
        WHERE spell.urn = :urn AND coalesce(decided.date_of_birth, pupils.date_of_birth) BETWEEN :born_first AND :born_last
          AND spell.admitted_on < CAST(:month AS date) + interval '1 month' AND coalesce(spell.left_on, 'infinity') >= :month
    ),
    counted AS MATERIALIZED (
        SELECT mark.pupil_id, mark.code, class.category, CAST(extract(day FROM held.date) AS smallint) AS day, held.session
        FROM unnest(CAST(:dates AS date[]), CAST(:halves AS text[])) AS held (date, session)
        CROSS JOIN roll
        CROSS JOIN LATERAL (
            SELECT array_agg(spell.pupil_id) AS pupils FROM unnest(roll.pupils, roll.firsts, roll.lasts) AS spell (pupil_id, first, last)
            WHERE held.date BETWEEN spell.first AND spell.last
        ) AS present
        CROSS JOIN LATERAL (
            SELECT marks.pupil_id, marks.code FROM marks
            WHERE marks.date = held.date AND marks.session = held.session AND marks.pupil_id = ANY(present.pupils) AND marks.urn = :urn
            OFFSET 0
        ) AS mark
        JOIN unnest(CAST(:codes AS text[]), CAST(:categories AS text[])) AS class (code, category) ON class.code = mark.code
    ),
    by_day AS (SELECT day, code, count(*) AS sessions FROM counted GROUP BY day, code),
    by_pupil AS (
        SELECT pupil_id, bit_or(bit) AS possible, coalesce(bit_or(bit) FILTER (WHERE category <> 'attending'), 0) AS absent
        FROM (SELECT *, CAST(1 AS bigint) << (2 * (day - 1) + CAST(session = 'PM' AS integer)) AS bit FROM counted) AS session
        WHERE category <> 'not-possible' GROUP BY pupil_id
    ),
    days AS (
        SELECT coalesce(array_agg(day), '{}') AS days, coalesce(array_agg(code), '{}') AS codes,
               coalesce(array_agg(sessions), '{}') AS sessions FROM by_day
    ),
    enrolments AS (
        SELECT coalesce(array_agg(pupil_id), '{}') AS pupils, coalesce(array_agg(possible), '{}') AS possible,
               coalesce(array_agg(absent), '{}') AS absent FROM by_pupil
    )
    UPDATE monthly_totals AS totals
    SET stale = false, days = days.days, codes = days.codes, sessions = days.sessions,
        pupils = enrolments.pupils, possible = enrolments.possible, absent = enrolments.absent
    FROM days CROSS JOIN enrolments WHERE totals.urn = :urn AND totals.month = :month
""")

_STORED = """
    WITH asked AS (
        SELECT * FROM unnest(CAST(:months AS date[]), CAST(:weeks AS date[]), CAST(:bits AS bigint[])) AS asked (month, week, bits)
    ),
    stored AS MATERIALIZED (
        SELECT * FROM monthly_totals WHERE urn = ANY(CAST(:urns AS integer[])) AND month = ANY(CAST(:months AS date[]))
    ),
    day AS MATERIALIZED (
        SELECT stored.urn, stored.month + (each.day - 1) AS date, each.code, class.category, each.sessions
        FROM stored CROSS JOIN LATERAL unnest(stored.days, stored.codes, stored.sessions) AS each (day, code, sessions)
        JOIN unnest(CAST(:codes AS text[]), CAST(:categories AS text[])) AS class (code, category) ON class.code = each.code
        WHERE stored.month + (each.day - 1) BETWEEN :first AND :last
    ),
    enrolment AS MATERIALIZED (
        SELECT stored.urn, asked.week, pupil.pupil_id, sum(bit_count(CAST(pupil.possible & asked.bits AS bit(64)))) AS possible,
               sum(bit_count(CAST(pupil.absent & asked.bits AS bit(64)))) AS absent
        FROM stored JOIN asked USING (month)
        CROSS JOIN LATERAL unnest(stored.pupils, stored.possible, stored.absent) AS pupil (pupil_id, possible, absent)
        WHERE pupil.possible & asked.bits <> 0 GROUP BY stored.urn, asked.week, pupil.pupil_id
    ),
    in_total AS (SELECT urn, sum(possible) AS possible, sum(absent) AS absent FROM enrolment GROUP BY urn, pupil_id)
"""
_CATEGORIES = {"attended": "attending", "authorised": "authorised", "unauthorised": "unauthorised", "not_possible": "not-possible"}
_SESSIONS = ", ".join(f"sum(sessions) FILTER (WHERE category = '{category}') AS {name}" for name, category in _CATEGORIES.items())
_ENROLMENTS = "count(*) AS enrolments, count(*) FILTER (WHERE 100 * absent >= :persistence * possible) AS persistently_absent"


def _rows(*queries: str) -> str:
    """Return queries of some columns each as one, with all of them."""
    names = [field.name for field in fields(Figures)]
    return " UNION ALL ".join(
        f"SELECT {', '.join(name if f' AS {name}' in query else f'CAST(NULL AS bigint) AS {name}' for name in names)} FROM ({query}) AS figures"  # noqa: S608 -- every part stands in this file
        for query in queries
    )


_PARTS = {
    "code": _rows("SELECT code AS part, sum(sessions) AS attended FROM day GROUP BY code"),
    "week": _rows(
        f"SELECT CAST(CAST(date_trunc('week', date) AS date) AS text) AS part, {_SESSIONS} FROM day GROUP BY 1",  # noqa: S608 -- as above
        "SELECT CAST(week AS text) AS part, count(*) AS enrolments FROM enrolment GROUP BY week",
    ),
    "school": _rows(
        f"SELECT CAST(urn AS text) AS part, {_SESSIONS} FROM day GROUP BY urn",  # noqa: S608 -- as above
        f"SELECT CAST(urn AS text) AS part, {_ENROLMENTS} FROM in_total GROUP BY urn",  # noqa: S608 -- as above
    ),
}
_TOTAL = _rows(
    f"SELECT CAST(NULL AS text) AS part, {_SESSIONS} FROM day",  # noqa: S608 -- as above
    f"SELECT CAST(NULL AS text) AS part, {_ENROLMENTS} FROM in_total",  # noqa: S608 -- as above
)


def _statement(by: str) -> TextClause:
    return text(f"{_STORED} {_TOTAL} UNION ALL {_PARTS[by]}")


_STATEMENTS = {by: _statement(by) for by in _PARTS}


@dataclass(frozen=True, slots=True)
class StaleMonth:
    """A month of a school whose totals are not up to date, by its first day."""

    urn: int
    month: date


@dataclass(frozen=True, slots=True)
class Scope:
    """What is added up, from a first to a last day: of each month, for each week or as one, the sessions, a bit for each.

    `persistence`: the share of possible sessions, in per cent, from which a pupil who missed them is persistently absent.
    """

    first: date
    last: date
    bits: Sequence[tuple[date, date | None, int]]
    classes: Mapping[str, str]
    persistence: int


async def changed_schools(tx: Transaction, urns: Sequence[int]) -> list[int]:
    """Return those of these schools of which something has changed since their stale months were marked."""
    return list((await tx.execute(_CHANGED, {"urns": urns})).scalars())


async def due_schools(tx: Transaction, job: str, before: datetime, until: datetime, limit: int) -> list[int]:
    """Return schools that have stale months, or that have changed and sent nothing between two instants, for a job to count."""
    return list((await tx.execute(_DUE, {"job": job, "before": before, "until": until, "limit": limit})).scalars())


async def note_changes(tx: Transaction, urn: int, first: date) -> None:
    """Mark the months of a school, from a first one on, in which something has changed."""
    await tx.execute(_NOTE, {"urn": urn, "first": first})


async def stale_months(tx: Transaction, urns: Sequence[int], first: date, last: date) -> list[StaleMonth]:
    """Return the stale months of these schools between two months."""
    query = select(monthly_totals.c.urn, monthly_totals.c.month).where(
        monthly_totals.c.stale, monthly_totals.c.urn == text("ANY(CAST(:urns AS integer[]))")
    )
    query = query.where(monthly_totals.c.month.between(first, last)).order_by(monthly_totals.c.urn, monthly_totals.c.month)
    return await fetch_all(tx, query, StaleMonth, {"urns": urns})


async def lock_month(tx: Transaction, stale: StaleMonth) -> None:
    """Let nobody else count a month of a school, or mark it as stale, until the end of the transaction.

    What changes from here on is seen by the statements after this one, or marks the month again once it is committed.
    """
    await tx.execute(
        select(monthly_totals.c.urn).where(monthly_totals.c.urn == stale.urn, monthly_totals.c.month == stale.month).with_for_update()
    )


async def count_month(
    tx: Transaction, stale: StaleMonth, held: Sequence[Session], born: tuple[date, date], classes: Mapping[str, str]
) -> None:
    """Count a locked month of a school anew: its sessions as held, of pupils born within two dates, by the class of each code."""
    values = {
        "urn": stale.urn,
        "month": stale.month,
        "dates": [day for day, _ in held],
        "halves": [half for _, half in held],
        "born_first": born[0],
        "born_last": born[1],
        "codes": list(classes),
        "categories": list(classes.values()),
    }
    await tx.execute(_COUNT, values)


async def add_up(tx: Transaction, urns: Sequence[int], scope: Scope, by: By) -> list[Figures]:
    """Return figures of schools, to be added up by their `part`: None for the total, or a code, week or school.

    The sessions of a code stand in `attended`.
    """
    values = {
        "urns": urns,
        "months": [month for month, _, _ in scope.bits],
        "weeks": [week for _, week, _ in scope.bits],
        "bits": [bits for _, _, bits in scope.bits],
        "codes": list(scope.classes),
        "categories": list(scope.classes.values()),
        "first": scope.first,
        "last": scope.last,
        "persistence": scope.persistence,
    }
    rows = (await tx.execute(_STATEMENTS[by], values)).mappings()
    return [Figures(part=row["part"], **{name: int(row[name] or 0) for name in row if name != "part"}) for row in rows]


async def schools_of(tx: Transaction, la_code: str, district: str | None) -> list[int]:
    """Return the schools of an authority, or of one district of it."""
    query = select(schools.c.urn).where(schools.c.la_code == la_code).order_by(schools.c.urn)
    if district:
        query = query.where(schools.c.district == district)
    return list((await tx.execute(query)).scalars())
