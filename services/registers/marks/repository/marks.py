"""Registers: the roll they are checked against, receipts, marks with their versions."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, insert, select, text

from services.registers.marks.domain.history import MarkVersion
from services.registers.marks.domain.registers import Accepted, Enrolled, LockedRegister, Receipt, StoredMark
from services.registers.marks.domain.rolls import Spell
from services.registers.tables.marks import receipts
from services.registers.tables.pupils import pupils_at_schools, roll_spells
from shared import clock
from shared.attendance.sessions import Half
from shared.database import Transaction, driver
from shared.database.rows import fetch_all

_LOCK = text("""
    UPDATE schools SET revision = revision + 1 WHERE urn = :urn
    RETURNING la_code, revision, roll_version, to_regclass(:month) IS NOT NULL AS has_partition
""")

UPN_AT_SCHOOL = """CASE WHEN pupil.upn IN (SELECT upn FROM asserted_upns) THEN coalesce((
    SELECT found.upn FROM roll_spells AS found WHERE found.urn = {urn} AND found.pupil_id = pupil.id
    ORDER BY found.upn = pupil.upn DESC, found.upn LIMIT 1), pupil.upn) ELSE pupil.upn END"""
"""SQL for the UPN of a `pupil` that finds this one at a school: of two pupils with one number, of whom one has it and it is asserted for the other,
a school that has both finds one by it."""
_ROLL = "SELECT upn, pupil_id, admitted_on, left_on, shared_from, shared_to FROM roll_spells WHERE urn = :urn"
_FULL_ROLL, _ROLL_OF_UPNS = text(_ROLL), text(f"{_ROLL} AND upn = ANY(CAST(:upns AS text[]))")

_ROLL_VERSION = text("SELECT roll_version FROM schools WHERE urn = :urn")

# One statement for all marks, sorted by pupil so that two transactions never wait for each other crosswise.
# What it replaces goes to mark_versions by the trigger `keep_mark_version`, which also counts the version.
_STORE = """
    INSERT INTO marks (pupil_id, date, urn, revision, minutes_late, session, code)
    SELECT sent.pupil_id, $1, $2, $3, sent.minutes_late, $4, sent.code
    FROM unnest($5::uuid[], $6::text[], $7::smallint[]) AS sent (pupil_id, code, minutes_late)
    ON CONFLICT (date, session, pupil_id, urn) DO UPDATE
    SET code = excluded.code, minutes_late = excluded.minutes_late, revision = excluded.revision
    WHERE marks.code IS DISTINCT FROM excluded.code
       OR (excluded.minutes_late IS NOT NULL AND marks.minutes_late IS DISTINCT FROM excluded.minutes_late)
    RETURNING pupil_id, code, version
"""

_REPLACED = text("""
    SELECT pupil_id, code FROM mark_versions
    WHERE date = :date AND session = :session AND pupil_id = ANY(CAST(:pupils AS uuid[])) AND urn = :urn
      AND superseded_revision = :revision
""")

_HISTORY = text("""
    SELECT mark.*, receipt.received_at AS recorded_at, receipt.source, receipt.reason, receipt.by_name, receipt.by_title, receipt.caller
    FROM generate_series(CAST(:first AS timestamp), CAST(:last AS timestamp), interval '1 day') AS day (at)
    CROSS JOIN (VALUES ('AM'), ('PM')) AS half (session)
    CROSS JOIN LATERAL (
        SELECT date, session, urn, version, code, minutes_late, revision FROM marks
        WHERE date = CAST(day.at AS date) AND session = half.session AND pupil_id = :pupil_id
        UNION ALL
        SELECT date, session, urn, version, code, minutes_late, revision FROM mark_versions
        WHERE date = CAST(day.at AS date) AND session = half.session AND pupil_id = :pupil_id
    ) AS mark
    JOIN receipts AS receipt ON receipt.urn = mark.urn AND receipt.revision = mark.revision
    ORDER BY mark.date, mark.session, mark.urn, mark.version
""")

# By day and half, because the key begins with them: no second index has to be kept for nine million marks a morning.
_CURRENT = text("""
    SELECT mark.date, mark.session, mark.urn, mark.code, mark.version,
           CASE WHEN mark.version = 1 THEN 1 ELSE (
               SELECT coalesce(max(before.version), 0) + 1 FROM mark_versions AS before
               WHERE before.date = mark.date AND before.session = mark.session AND before.pupil_id = mark.pupil_id AND before.urn = mark.urn
                 AND before.code <> mark.code
           ) END AS published_version
    FROM generate_series(
        CAST(:first AS timestamp),
        CAST(least(CAST(:last AS date), greatest(CAST(:today AS date), (SELECT max(date) FROM receipts WHERE receipts.urn = :urn))) AS timestamp),
        interval '1 day'
    ) AS day (at)
    CROSS JOIN (VALUES ('AM'), ('PM')) AS half (session)
    JOIN marks AS mark ON mark.date = CAST(day.at AS date) AND mark.session = half.session AND mark.pupil_id = :pupil_id
    WHERE mark.urn = :urn
    ORDER BY mark.date, mark.session
""")


@dataclass(frozen=True, slots=True)
class CurrentMarkRow:
    """A mark as it now stands, and the version under which its code was published: other minutes alone make one that is not."""

    date: date
    session: Half
    urn: int
    code: str
    version: int
    published_version: int


def month_of(day: date) -> str:
    """Return the name of the partition that holds a day's marks."""
    return f"marks_y{day:%Y}m{day:%m}"


async def lock_register(tx: Transaction, urn: int, day: date, session: Half) -> LockedRegister | None:
    """Lock a school and raise its revision, to write to a register of this session; None where there is no such school."""
    row = (await tx.execute(_LOCK, {"urn": urn, "month": month_of(day)})).first()
    return None if row is None else LockedRegister(urn, row.la_code, day, session, row.revision, row.has_partition, row.roll_version)


def key_of(register: LockedRegister) -> dict[str, object]:
    """Return what the rows that are written with a register have in common."""
    return {"urn": register.urn, "date": register.date, "session": register.session, "revision": register.revision}


async def roll_version(tx: Transaction, urn: int) -> UUID | None:
    """Return the version of a school's roll as it stands now; None where there is no such school."""
    version: UUID | None = (await tx.execute(_ROLL_VERSION, {"urn": urn})).scalar()
    return version


async def roll(tx: Transaction, urn: int, upns: Sequence[str] | None = None) -> dict[str, Enrolled]:
    """Return the pupils of this school by UPN, those with these UPNs or all, with the spells on its roll."""
    found: dict[str, Enrolled] = {}
    query, parameters = (_FULL_ROLL, {"urn": urn}) if upns is None else (_ROLL_OF_UPNS, {"urn": urn, "upns": upns})
    for upn, pupil_id, admitted_on, left_on, overlap_from, overlap_to in (await tx.execute(query, parameters)).all():
        before = found.get(upn)
        spells, overlaps = (before.spells, before.overlaps) if before else ((), ())
        more = ((overlap_from, overlap_to),) if overlap_from else ()
        found[upn] = Enrolled(pupil_id, (*spells, Spell(urn, admitted_on, left_on)), (*overlaps, *more))
    return found


async def enrolled(tx: Transaction, urn: int, pupil_id: UUID) -> Enrolled | None:
    """Return a pupil as one school knows them, by the present UPN or any other; None where they never were on its roll."""
    query = select(roll_spells.c.upn).where(roll_spells.c.urn == urn, roll_spells.c.pupil_id == pupil_id).limit(1)
    upn = (await tx.execute(query)).scalar()
    return (await roll(tx, urn, [upn])).get(upn) if upn else None


async def spells_of(tx: Transaction, pupil_id: UUID) -> list[Spell]:
    """Return a pupil's spells on every roll."""
    query = select(roll_spells.c.urn, roll_spells.c.admitted_on, roll_spells.c.left_on).where(roll_spells.c.pupil_id == pupil_id).distinct()
    return [Spell(*row) for row in await tx.execute(query)]


async def unconfirmed_schools(tx: Transaction, pupil_id: UUID) -> frozenset[int]:
    """Return the schools whose claim to a pupil awaits an officer, or was refused."""
    claims = select(pupils_at_schools.c.urn).where(pupils_at_schools.c.pupil_id == pupil_id)
    return frozenset((await tx.execute(claims.where(pupils_at_schools.c.claim.in_(("waiting", "refused"))))).scalars())


async def store_marks(tx: Transaction, register: LockedRegister, accepted: Mapping[UUID, Accepted]) -> list[StoredMark]:
    """Store marks in one statement; return those that changed."""
    pupils = sorted(accepted)
    marks = [accepted[pupil] for pupil in pupils]
    where = register.date, register.urn, register.revision, register.session
    columns = pupils, [mark.code for mark in marks], [mark.minutes_late for mark in marks]
    return [StoredMark(*row) for row in await (await driver(tx)).fetch(_STORE, *where, *columns)]


async def replaced_codes(tx: Transaction, register: LockedRegister, pupils: Sequence[UUID]) -> dict[UUID, str]:
    """Return the codes that this revision of the school replaced, by pupil."""
    return {row.pupil_id: row.code for row in await tx.execute(_REPLACED, {**key_of(register), "pupils": pupils})}


async def add_receipt(tx: Transaction, register: LockedRegister, receipt: Receipt) -> None:
    """Record that a register was written to, by whom and why."""
    await tx.execute(insert(receipts).values(**key_of(register), **asdict(receipt)))


async def history(tx: Transaction, pupil_id: UUID, first: date, last: date) -> list[MarkVersion]:
    """Return every version of a pupil's marks in a period, in order, with the receipt each came with."""
    return await fetch_all(tx, _HISTORY, MarkVersion, {"pupil_id": pupil_id, "first": first, "last": last})


async def current_marks(tx: Transaction, pupil_id: UUID, urn: int, first: date, last: date) -> list[CurrentMarkRow]:
    """Return a pupil's marks of one school in a period, as they stand: until today, or the school's last register if the clock is behind it."""
    period = {"first": first, "last": last, "today": clock.today()}
    return await fetch_all(tx, _CURRENT, CurrentMarkRow, {"pupil_id": pupil_id, "urn": urn, **period})


async def make_partition(tx: Transaction, day: date) -> None:
    """Make room for the marks of a month."""
    await tx.execute(select(func.make_mark_partitions(day)))
