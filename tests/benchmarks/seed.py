"""The world and its history, put straight into the tables: what is measured begins after it."""

from base64 import b64encode
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import uuid4

import orjson
import psycopg

from attendance import synthetic
from services.thresholds.domain.facts import bits
from services.thresholds.domain.sessions import Session
from services.thresholds.use_cases.recomputation import recompute
from shared.database import Database
from shared.http.access import CallerInfo
from tests.benchmarks.world import COUNTING, FIRST_DAY, LA, REGISTER, World, school_year

Connection = psycopg.Connection[Any]
SUMMER = date(2026, 4, 27)
"""From then on only troubled pupils are absent: ten school weeks before this term, which plain counting does not look at."""
TERM = (FIRST_DAY, date(2026, 12, 18))


def registers(url: str, world: World) -> None:
    """Schools and pupils, with their roll."""
    with psycopg.connect(url) as connection:
        schools = ((urn, f"School {urn}", LA, str(urn)[-4:], "secondary", "benchmark") for urn in world.urns)
        _copy(connection, "schools (urn, name, la_code, establishment_number, phase, stored_by)", schools)
        calendars = (
            (urn, f"{year}-{(year + 1) % 100:02d}", _terms(year), "[]", "benchmark") for urn in world.urns for year in range(2023, 2028)
        )
        _copy(connection, "calendars (urn, year, terms, closures, stored_by)", calendars)
        pupils = ((pupil, upn, date(2014, 3, 3), "benchmark") for pupil, upn in zip(world.ids, world.upns, strict=True))
        _copy(connection, "pupils (id, upn, date_of_birth, stored_by)", pupils)
        rolls = (
            (world.urns[number // REGISTER], upn, date(2019, 9, 1), pupil)
            for number, (pupil, upn) in enumerate(zip(world.ids, world.upns, strict=True))
        )
        _copy(connection, "roll_spells (urn, upn, admitted_on, pupil_id)", rolls)


def thresholds(url: str, world: World) -> None:
    """Pupils' rolls and the schools' calendars."""
    with psycopg.connect(url) as connection:
        pupils = ((pupil, upn, 1, date(2019, 3, 31), date(2030, 6, 28)) for pupil, upn in zip(world.ids, world.upns, strict=True))
        _copy(connection, "pupils (id, upn, roll_revision, compulsory_from, compulsory_to)", pupils)
        rolls = ((pupil, world.urns[number // REGISTER], LA, date(2019, 9, 1)) for number, pupil in enumerate(world.ids))
        _copy(connection, "rolls (pupil_id, urn, la_code, admitted_on)", rolls)
        days = synthetic.school_days("2026-27")
        _calendars(connection, world, 2026, [(day, half) for day in days if day <= TERM[1] for half in ("AM", "PM")])


async def history(registers_url: str, thresholds_url: str, login: str, world: World, years: Iterable[int]) -> int:
    """Whole past school years of marks; return how many marks. In `thresholds` the absences of troubled pupils are set aside."""
    stored = 0
    absent: dict[str, list[int]] = {}
    with psycopg.connect(registers_url) as connection, psycopg.connect(thresholds_url) as other:
        for year in sorted(years):
            held = list(school_year(year))
            _calendars(other, world, year, held)
            for month in sorted({day.replace(day=1) for day, _ in held}):
                connection.execute("SELECT make_mark_partitions(%s)", [month])
            connection.commit()
            for number, (day, half) in enumerate(held, start=(year - 2000) * 1000):
                receipts = ((urn, number, day, half, "register", "benchmark") for urn in world.urns)
                _copy(connection, "receipts (urn, revision, date, session, source, caller)", receipts)
                present = "/" if half == "AM" else "\\"
                absent = _absent(world, number, regular=day < SUMMER)
                codes = {pupil: code for code, pupils in absent.items() for pupil in pupils}
                _copy(
                    connection,
                    "marks (pupil_id, date, urn, revision, session, code)",
                    (
                        (pupil, day, world.urns[index // REGISTER], number, half, codes.get(index, present))
                        for index, pupil in enumerate(world.ids)
                    ),
                )
                kept = ((world.ids[index], day, half, world.urns[index // REGISTER], code, 1) for index, code in codes.items())
                _copy(other, "marks (pupil_id, date, session, urn, code, version)", kept)
                stored += len(world.ids)
            connection.commit()
        closures = ((uuid4(), uuid4(), world.ids[index], TERM[0], date(2026, 8, 31)) for index in sorted(world.troubled))
        other.execute("DELETE FROM closed_cases")
        _copy(other, "closed_cases (case_id, run_id, pupil_id, closed_on, set_aside_to)", closures)
    await _settle(login)
    for url in (registers_url, thresholds_url):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("TRUNCATE outbox")
            connection.execute("VACUUM ANALYZE")
    return stored


async def empty(registers_url: str, thresholds_url: str) -> None:
    """Forget this term's registers, so that they can come again; history stays."""
    with psycopg.connect(registers_url) as connection:
        connection.execute("TRUNCATE outbox, quarantine, unresolved_marks")
        for name in ("marks", "mark_versions"):
            for month in (9, 10, 11, 12):
                connection.execute(f'DROP TABLE IF EXISTS "{name}_y2026m{month:02d}"')
        connection.execute("ALTER TABLE receipts DISABLE TRIGGER refuse_deletion")
        connection.execute("DELETE FROM receipts WHERE date >= %s", [FIRST_DAY])
        connection.execute("ALTER TABLE receipts ENABLE TRIGGER refuse_deletion")
        for month in (9, 10, 11, 12):
            connection.execute("SELECT make_mark_partitions(%s)", [date(2026, month, 1)])
    with psycopg.connect(thresholds_url) as connection:
        connection.execute("TRUNCATE outbox, inbox, consumer_offsets, run_steps")
        connection.execute("DELETE FROM marks WHERE date >= %s", [FIRST_DAY])
        connection.execute("UPDATE pupils SET status = 'below', run_id = NULL, run_revision = 0, approaches = 0")
    await _settle(thresholds_url.replace("postgresql://", "postgresql+asyncpg://"))
    for url in (registers_url, thresholds_url):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("TRUNCATE outbox")
            connection.execute("VACUUM ANALYZE")


def _absent(world: World, number: int, *, regular: bool) -> dict[str, list[int]]:
    # Every 77th pupil, another one each session; troubled ones four times in ten.
    found: dict[str, list[int]] = {code: [] for code in COUNTING}
    for index in range(number % 77, len(world.ids), 77) if regular else ():
        found[COUNTING[(index + number) % 3]].append(index)
    absent_already = {index for indexes in found.values() for index in indexes}
    for index in world.troubled:
        if (index * 7 + number * 3) % 10 < 4 and index not in absent_already:
            found["O"].append(index)
    return found


async def _settle(login: str) -> None:
    database = Database(login)
    try:
        async with database.begin() as tx:
            after = None
            while True:
                caller = CallerInfo("benchmark", None, frozenset({"operations"}))
                after = (await recompute(tx, caller, urn=None, la_code=None, after=after)).next
                if after is None:
                    break
    finally:
        await database.dispose()


def _calendars(connection: Connection, world: World, year: int, held: Iterable[tuple[date, str]]) -> None:
    open_ = bits(Session(day, half) for day, half in held)  # type: ignore[arg-type]
    stored = open_.to_bytes((open_.bit_length() + 7) // 8, "little")
    _copy(connection, "school_years (urn, year, calendar, calendar_revision)", ((urn, year, stored, 1) for urn in world.urns))


def _terms(year: int) -> str:
    return orjson.dumps([{"start": f"{year}-09-01", "end": f"{year + 1}-07-20"}]).decode()


def _copy(connection: Connection, target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def event_bodies(world: World) -> list[tuple[int, bytes]]:
    """Return this term's registers as `session-recorded.v2`: (school, body)."""
    return [
        (
            register.urn,
            orjson.dumps(
                {
                    "school": register.urn,
                    "la_code": LA,
                    "date": register.day,
                    "session": register.half,
                    "revision": number,
                    "pupils": b64encode(b"".join([pupil.bytes for pupil, _ in world.rows(register)])).decode(),
                    "codes": ",".join([code for _, code in world.rows(register)]),
                }
            ),
        )
        for number, register in enumerate(world.registers, start=1)
    ]
