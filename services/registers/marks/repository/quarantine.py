"""Rejected marks: kept as they were sent, until a roll explains them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, insert, text, update

from services.registers.marks.domain.registers import LockedRegister, Rejection, SentMark
from services.registers.marks.repository.marks import key_of
from services.registers.tables.marks import quarantine, releases
from shared import clock
from shared.attendance.sessions import Half
from shared.database import Transaction
from shared.database.rows import fetch_all, fetch_one
from shared.due_work import not_waiting

_EXPLAINED_BY_A_ROLL = "released_at IS NULL AND reason IN ('unknown-upn', 'not-on-roll')"
_COLUMNS = "id, date, session, revision, received_at, upn, code, minutes_late"

# Those that are asserted for a pupil are of that one where a roll finds them by it.
_NUMBERS = "(SELECT upn, pupil_id FROM upns UNION ALL SELECT upn, pupil_id FROM asserted_upns) AS upns"

# All that one revision released came with one receipt. LIMIT, so that each mark is looked for by its key, however many there are.
_SENT_SINCE = """
    LEFT JOIN LATERAL (
        SELECT true AS found FROM marks
        WHERE marks.date = waits.date AND marks.session = waits.session AND marks.pupil_id = waits.pupil_id AND marks.urn = :urn
          AND coalesce((
              SELECT released.revision FROM quarantine AS released
              WHERE released.urn = :urn AND released.released_revision = marks.revision AND released.released_at IS NOT NULL LIMIT 1
          ), marks.revision) >= waits.revision
        LIMIT 1
    ) AS since ON true
"""

_OF_PUPILS = text(f"""
    SELECT {_COLUMNS}, since.found IS NOT NULL AS superseded
    FROM (
        SELECT upns.pupil_id, found.*
        FROM {_NUMBERS} CROSS JOIN LATERAL (
            SELECT {_COLUMNS} FROM quarantine WHERE urn = :urn AND upn = upns.upn AND {_EXPLAINED_BY_A_ROLL}
            ORDER BY date, session, id LIMIT :limit
        ) AS found
        WHERE upns.pupil_id = ANY(CAST(:pupils AS uuid[])) LIMIT :limit
    ) AS waits
    {_SENT_SINCE}
""")  # noqa: S608 -- every part stands in the code

_REQUEST = text(f"""
    INSERT INTO releases (urn, pupil_id, caller)
    SELECT :urn, pupil.id, :caller FROM unnest(CAST(:pupils AS uuid[])) AS pupil (id)
    WHERE EXISTS (
        SELECT FROM {_NUMBERS} CROSS JOIN LATERAL (
            SELECT FROM quarantine WHERE urn = :urn AND upn = upns.upn AND {_EXPLAINED_BY_A_ROLL} LIMIT 1
        ) AS waits
        WHERE upns.pupil_id = pupil.id
    )
    ORDER BY pupil.id
    ON CONFLICT (urn, pupil_id) DO UPDATE SET caller = excluded.caller, done_date = NULL, done_session = NULL, requested_at = now()
""")  # noqa: S608 -- every part stands in the code

_SCHOOLS = text(f"""
    SELECT CAST(urn AS text) FROM releases WHERE {not_waiting("CAST(urn AS text)")} GROUP BY urn ORDER BY min(requested_at), urn LIMIT :limit
""")  # noqa: S608 -- every part stands in the code

_POSITION = text("""
    SELECT caller, done_date, done_session FROM releases WHERE urn = :urn ORDER BY done_date NULLS FIRST, done_session NULLS FIRST, pupil_id LIMIT 1
""")

_OF_RELEASE = f"""
    SELECT {_COLUMNS}, since.found IS NOT NULL AS superseded, waits.pupil_id
    FROM (
        SELECT found.*, (
            SELECT releases.pupil_id FROM {_NUMBERS} JOIN releases USING (pupil_id) WHERE upns.upn = found.upn AND releases.urn = :urn LIMIT 1
        ) AS pupil_id
        FROM (
            SELECT {_COLUMNS} FROM quarantine WHERE urn = :urn AND {_EXPLAINED_BY_A_ROLL} AND {{which}}
        ) AS found
    ) AS waits
    {_SENT_SINCE}
    ORDER BY date, session, id
"""  # noqa: S608 -- every part stands in the code

_NEXT = text(_OF_RELEASE.format(which="(date, session) > (:date, :session) ORDER BY date, session, id LIMIT :limit"))
_OF_SESSION = text(_OF_RELEASE.format(which="date = :date AND session = :session"))

_PROGRESS = text(f"""
    SELECT (SELECT count(*) FROM releases WHERE urn = :urn), count(*)
    FROM (
        SELECT FROM releases JOIN {_NUMBERS} USING (pupil_id) CROSS JOIN LATERAL (
            SELECT FROM quarantine WHERE urn = :urn AND upn = upns.upn AND {_EXPLAINED_BY_A_ROLL}
              AND (releases.done_date IS NULL OR (date, session) > (releases.done_date, releases.done_session))
            LIMIT :limit
        ) AS waits
        WHERE releases.urn = :urn LIMIT :limit
    ) AS waiting
""")  # noqa: S608 -- every part stands in the code


@dataclass(frozen=True, slots=True)
class QuarantinedMark(SentMark):
    """A mark in quarantine; `revision` is the receipt it came with."""

    id: int
    date: date
    session: Half
    revision: int
    received_at: datetime
    superseded: bool
    """Whether the school sent another mark of the pupil for the session after it, under another of the pupil's UPNs or when the roll explained it."""


@dataclass(frozen=True, slots=True)
class MarkOfRelease(QuarantinedMark):
    """A mark that a release comes to; `pupil_id` where it is of a pupil whose marks are released."""

    pupil_id: UUID | None


@dataclass(frozen=True, slots=True)
class ReleasePosition:
    """How far the release of marks at a school has come: after this session, which is null at the beginning."""

    caller: str
    done_date: date | None
    done_session: str | None


class ReleaseProgress(NamedTuple):
    """How many pupils' marks are being released at a school, and how many marks still wait for that."""

    pupils: int
    marks: int


async def quarantine_marks(tx: Transaction, register: LockedRegister, rejected: Iterable[tuple[SentMark, Rejection]]) -> None:
    """Store rejected marks as they were sent, with the reason."""
    key = key_of(register)
    rows = [
        {**key, "upn": mark.upn, "code": mark.code, "minutes_late": mark.minutes_late, "reason": rejection.value}
        for mark, rejection in rejected
    ]
    await tx.execute(insert(quarantine), rows)


async def marks_to_release(tx: Transaction, urn: int, pupil_ids: Sequence[UUID], limit: int) -> list[QuarantinedMark]:
    """Return marks of these pupils that a roll may explain, in the order of their arrival; of more than so many, any."""
    found = await fetch_all(tx, _OF_PUPILS, QuarantinedMark, {"urn": urn, "pupils": pupil_ids, "limit": limit})
    return sorted(found, key=lambda mark: mark.id)


async def request_release(tx: Transaction, urn: int, pupil_ids: Sequence[UUID], caller: str) -> None:
    """Let the marks of these pupils that wait at a school, which is locked, be released from the first on."""
    await tx.execute(_REQUEST, {"urn": urn, "pupils": pupil_ids, "caller": caller})


async def schools_with_releases(tx: Transaction, job: str, limit: int) -> Sequence[str]:
    """Return the schools with pupils whose marks are being released, those first that have waited longest."""
    return (await tx.execute(_SCHOOLS, {"job": job, "limit": limit})).scalars().all()


async def release_position(tx: Transaction, urn: int) -> ReleasePosition | None:
    """Return how far the release of marks at a school, which is locked, has come; None where there is none."""
    return await fetch_one(tx, _POSITION, ReleasePosition, {"urn": urn})


async def next_marks(tx: Transaction, urn: int, after: tuple[date, str], limit: int) -> list[MarkOfRelease]:
    """Return the next marks in a school's quarantine that a roll may explain, in the order of their sessions."""
    return await fetch_all(tx, _NEXT, MarkOfRelease, {"urn": urn, "date": after[0], "session": after[1], "limit": limit})


async def marks_of_session(tx: Transaction, urn: int, day: date, session: Half) -> list[MarkOfRelease]:
    """Return the marks of one session in a school's quarantine that a roll may explain."""
    return await fetch_all(tx, _OF_SESSION, MarkOfRelease, {"urn": urn, "date": day, "session": session})


async def set_release_position(tx: Transaction, urn: int, done: tuple[date, str] | None) -> None:
    """Store the last session of which all was released; None: there is nothing more."""
    of_school = releases.c.urn == urn
    if done is None:
        await tx.execute(delete(releases).where(of_school))
        return
    await tx.execute(update(releases).where(of_school).values(done_date=done[0], done_session=done[1]))


async def marks_being_released(tx: Transaction, urn: int, limit: int) -> ReleaseProgress:
    """Return how many pupils' marks are being released at a school, and how many marks wait for that, counted up to a limit."""
    return ReleaseProgress(*(await tx.execute(_PROGRESS, {"urn": urn, "limit": limit})).one())


async def mark_as_released(tx: Transaction, ids: Sequence[int], revision: int) -> None:
    """Record that quarantined marks were stored under this revision of their school."""
    await tx.execute(update(quarantine).where(quarantine.c.id.in_(ids)).values(released_at=clock.now(), released_revision=revision))
