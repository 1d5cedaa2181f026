"""Questions to the database, one statement each."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Update, false, func, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from services.prosecutions.domain.chronology import Step
from services.prosecutions.domain.evidence import OverdueNotice, PublishedFinding, ReliedOnSession
from services.prosecutions.domain.files import CourtFile, NoticeState, Status, sources
from services.prosecutions.domain.gates import GateAnswer
from services.prosecutions.domain.holds import Cause, Hold
from services.prosecutions.tables import files, gate_answers, holds, mark_changes, notice_states, pupils, steps
from shared import clock
from shared.attendance.identities import lock_records, pupils_by_upn, records_of
from shared.attendance.sessions import Half
from shared.comparisons import KeyRange
from shared.database import Transaction
from shared.database.locks import Lock
from shared.database.paging import Listed, Order, PageQuery, fetch_page
from shared.database.rows import columns_of, fetch_all, fetch_one, select_columns, upsert
from shared.due_work import not_waiting
from shared.ids import new_id
from shared.messaging.state import Extent, find_keys, id_of

_FILES = text("""
    SELECT CAST(id AS text) FROM files
    WHERE id > CAST(:id AS uuid) AND opened_on <= :last AND (ended_on IS NULL OR ended_on >= :first)
      AND (CAST(:school AS integer) IS NULL OR urn = :school) AND (CAST(:pupil AS uuid) IS NULL OR pupil_id = :pupil)
    ORDER BY id LIMIT :limit
""")


_NOTICES_WITH_FILES = text("""
    SELECT notice_id FROM files
    WHERE notice_id > CAST(:after AS uuid) AND (CAST(:until AS uuid) IS NULL OR notice_id <= :until) ORDER BY notice_id LIMIT :limit
""")


_HOLD_OPEN = text("""
    WITH held AS (
        INSERT INTO holds (id, file_id, cause, subject, held_on)
        SELECT gen_random_uuid(), id, :cause, :subject, :held_on FROM files WHERE status IN ('draft', 'charged')
        ON CONFLICT DO NOTHING RETURNING file_id
    )
    UPDATE files SET held = true FROM held WHERE files.id = held.file_id
""")
_HELD_FOR = text("""
    SELECT DISTINCT files.id, files.status FROM files JOIN holds ON holds.file_id = files.id
    WHERE holds.cleared_on IS NULL AND holds.subject LIKE :begins ORDER BY files.id
""")


@dataclass(frozen=True, slots=True)
class HeldFileRow:
    """A file that is held."""

    id: UUID
    status: Status


@dataclass(frozen=True, slots=True)
class MarkChangeRow:
    """The newest version of a mark that something relies on."""

    pupil_id: UUID
    urn: int
    date: date
    session: Half
    version: int


async def lock_pupil(tx: Transaction, pupil_id: UUID) -> None:
    """Lock a child, on whichever record, until the transaction ends: events about one child arrive on several topics."""
    await lock_records(tx, Lock.FILES_OF_PUPIL, pupil_id)


async def add_file(tx: Transaction, file: CourtFile) -> bool:
    """Store a file; return False where there is one for its notice, or for its decision and parent."""
    return bool((await tx.execute(insert(files).values(columns_of(file)).on_conflict_do_nothing().returning(files.c.id))).scalar())


async def read_file(tx: Transaction, file_id: UUID, *, lock: bool = False) -> CourtFile | None:
    """Return a file, locked until the transaction ends if so wished."""
    query = select(files).where(files.c.id == file_id)
    return await fetch_one(tx, query.with_for_update() if lock else query, CourtFile)


async def lock_file_of_notice(tx: Transaction, notice_id: UUID) -> CourtFile | None:
    """Return the file that is based on a notice, locked."""
    return await fetch_one(tx, select(files).where(files.c.notice_id == notice_id).with_for_update(), CourtFile)


async def lock_open_files(tx: Transaction, pupil_id: UUID) -> list[CourtFile]:
    """Return the files of a child, on whichever record, that are drafts or charged, locked."""
    found = select(files).where(files.c.pupil_id.in_(records_of(pupil_id)), files.c.status.in_(["draft", "charged"]))
    return await fetch_all(tx, found.order_by(files.c.id).with_for_update(), CourtFile)


async def list_files(
    tx: Transaction,
    page: PageQuery,
    *,
    status: Status | None = None,
    upn: str | None = None,
    notice_id: UUID | None = None,
    la_code: str | None = None,
) -> Listed[CourtFile]:
    """Return files in the order of `_order`."""
    query = select(files)
    if status:
        query = query.where(files.c.status == status)
    if upn:
        query = query.where(files.c.pupil_id.in_(pupils_by_upn(upn)))
    if notice_id:
        query = query.where(files.c.notice_id == notice_id)
    if la_code:
        query = query.where(files.c.la_code == la_code)
    return await fetch_page(tx, query, CourtFile, _order(status), page)


def _order(status: Status | None) -> Order:
    """Return the order in which files are dealt with: those that have ended by when they did, the latest first; others by the nearest limit.

    A draft of which no session can be charged any more comes after all that can.
    """
    if status in {"concluded", "withdrawn", "stopped"}:
        return Order((func.coalesce(files.c.ended_on, files.c.opened_on), files.c.id), descending=True)
    over: ColumnElement[bool] = files.c.outer_limit < clock.today()
    return Order((files.c.status.not_in(["draft", "charged"]), over, files.c.safe_limit, files.c.id))


async def store_charge(tx: Transaction, file_id: UUID, charged_on: date, sessions: tuple[ReliedOnSession, ...]) -> None:
    """Store that a draft was charged, and with which sessions."""
    await tx.execute(_move(file_id, "charged").values(charged_on=charged_on, charged_sessions=sessions))


async def store_end(
    tx: Transaction, file_id: UUID, to: Status, ended_on: date, outcome: str, orders: tuple[str, ...] | None = None
) -> bool:
    """Bring a file to its end; return whether its state allowed that."""
    return bool((await tx.execute(_move(file_id, to).values(ended_on=ended_on, outcome=outcome, orders=orders))).rowcount)


async def files_opened_ahead(tx: Transaction, job: str, today: date, limit: int) -> list[UUID]:
    """Return the files that were opened after a day, the nearest first."""
    ahead = select(files.c.id).where(files.c.opened_on > today, text(not_waiting("CAST(files.id AS text)")))
    return list((await tx.execute(ahead.order_by(files.c.opened_on, files.c.id).limit(limit), {"job": job})).scalars())


async def lock_files_opened_ahead(tx: Transaction, today: date, ids: Sequence[UUID]) -> list[tuple[UUID, date]]:
    """Return those of these files that were opened after a day, with that day, locked; those that another worker has locked are left out."""
    ahead = select(files.c.id, files.c.opened_on).where(files.c.id.in_(ids), files.c.opened_on > today).order_by(files.c.id)
    return [(row.id, row.opened_on) for row in await tx.execute(ahead.with_for_update(skip_locked=True))]


async def store_opening(tx: Transaction, file_id: UUID, opened_on: date) -> None:
    """Store on which day a file was opened."""
    await tx.execute(update(files).where(files.c.id == file_id).values(opened_on=opened_on))


async def update_notice(tx: Transaction, file_id: UUID, notice: OverdueNotice, findings: tuple[PublishedFinding, ...]) -> None:
    """Store a file's notice as it now is, with the findings that explain it."""
    await tx.execute(update(files).where(files.c.id == file_id).values(notice=notice, findings=findings))


async def add_steps(tx: Transaction, file_id: UUID, *added: Step) -> None:
    """Add steps to a file's chronology."""
    now = clock.now()
    await tx.execute(insert(steps), [{"id": new_id(), "file_id": file_id, "recorded_at": now, **columns_of(each)} for each in added])


async def chronology(tx: Transaction, file_id: UUID) -> list[Step]:
    """Return a file's steps in the order of their days."""
    found = select_columns(steps, Step).where(steps.c.file_id == file_id)
    return await fetch_all(tx, found.order_by(steps.c.on, steps.c.id), Step)


async def add_answer(tx: Transaction, file_id: UUID, given: GateAnswer) -> None:
    """Store an officer's answer to a gate; earlier ones stay."""
    values = {"id": new_id(), "file_id": file_id, "answered_at": clock.now(), **columns_of(given)}
    await tx.execute(insert(gate_answers).values(values))


async def latest_answers(tx: Transaction, file_id: UUID) -> dict[str, GateAnswer]:
    """Return the latest answer to each gate that has one."""
    latest = select_columns(gate_answers, GateAnswer).ext(distinct_on(gate_answers.c.gate))
    ordered = latest.where(gate_answers.c.file_id == file_id).order_by(gate_answers.c.gate, gate_answers.c.id.desc())
    return {each.gate: each for each in await fetch_all(tx, ordered, GateAnswer)}


async def add_hold(tx: Transaction, file_id: UUID, cause: Cause, on: date) -> bool:
    """Hold a file until an officer clears it; return False where the same fact has held it before."""
    values = {"id": new_id(), "file_id": file_id, "cause": cause.text, "subject": cause.subject, "held_on": on}
    added = insert(holds).values(values).on_conflict_do_nothing().returning(holds.c.id)
    if not (await tx.execute(added)).scalar():
        return False
    await tx.execute(update(files).where(files.c.id == file_id).values(held=True))
    return True


async def hold_open_files(tx: Transaction, cause: Cause, on: date) -> None:
    """Hold every file that is a draft or charged, unless the same fact has held it before."""
    await tx.execute(_HOLD_OPEN, {"cause": cause.text, "subject": cause.subject, "held_on": on})


async def files_held_for(tx: Transaction, subject: str) -> list[HeldFileRow]:
    """Return the files that are held by a fact whose subject begins with this word."""
    return await fetch_all(tx, _HELD_FOR, HeldFileRow, {"begins": f"{subject} %"})


async def holds_of(tx: Transaction, file_id: UUID) -> list[Hold]:
    """Return the holds of a file, also those that are cleared, the oldest first."""
    found = select_columns(holds, Hold).where(holds.c.file_id == file_id)
    return await fetch_all(tx, found.order_by(holds.c.id), Hold)


async def clear_holds(tx: Transaction, file_id: UUID, person: str, role: str, reason: str, on: date) -> bool:
    """Clear every hold of a file; return whether there was any."""
    standing = update(holds).where(holds.c.file_id == file_id, holds.c.cleared_on.is_(None))
    cleared = {"cleared_on": on, "cleared_at": clock.now(), "cleared_by": person, "cleared_by_role": role, "cleared_reason": reason}
    found = bool((await tx.execute(standing.values(cleared))).rowcount)
    await tx.execute(update(files).where(files.c.id == file_id).values(held=false()))
    return found


async def notice_state(tx: Transaction, notice_id: UUID | None) -> NoticeState:
    """Return what later events stored about a notice."""
    found = select_columns(notice_states, NoticeState).where(notice_states.c.notice_id == notice_id)
    return await fetch_one(tx, found, NoticeState) or NoticeState()


async def store_payment(tx: Transaction, notice_id: UUID, revision: int, discharged: bool) -> bool:
    """Store whether a notice is paid in full; return whether nothing newer was stored."""
    values = {"notice_id": notice_id, "payment_revision": revision, "discharged": discharged}
    return await upsert(tx, notice_states, values, newer_by="payment_revision")


async def store_withdrawal(tx: Transaction, notice_id: UUID, withdrawn_on: date) -> None:
    """Store that a notice is withdrawn."""
    await upsert(tx, notice_states, {"notice_id": notice_id, "withdrawn_on": withdrawn_on})


async def store_serving(tx: Transaction, notice_id: UUID, revision: int, received_on: date) -> bool:
    """Store how a notice was served; return whether nothing newer was stored."""
    values = {"notice_id": notice_id, "serving_revision": revision, "received_on": received_on, "returned_on": None}
    return await upsert(tx, notice_states, values, newer_by="serving_revision")


async def store_payable(tx: Transaction, notice_id: UUID, revision: int, payable_until: date | None) -> bool:
    """Store until when a notice may be paid that was overdue too early, None: it is overdue; return whether nothing newer was stored."""
    values = {"notice_id": notice_id, "due_revision": revision, "payable_until": payable_until}
    return await upsert(tx, notice_states, values, newer_by="due_revision")


async def store_return(tx: Transaction, notice_id: UUID, returned_on: date) -> None:
    """Store that the letter of a notice came back."""
    await upsert(tx, notice_states, {"notice_id": notice_id, "returned_on": returned_on})


async def store_mark_change(tx: Transaction, change: MarkChangeRow) -> None:
    """Store the newest version of a mark that something relies on."""
    await upsert(tx, mark_changes, columns_of(change), newer_by="version")


async def mark_changes_of(tx: Transaction, pupil_id: UUID) -> list[MarkChangeRow]:
    """Return the marks of a child, on whichever record, that changed after something came to rely on them."""
    return await fetch_all(tx, select(mark_changes).where(mark_changes.c.pupil_id.in_(records_of(pupil_id))), MarkChangeRow)


async def store_pupil(tx: Transaction, pupil_id: UUID, upn: str, same_as: UUID | None, revision: int) -> bool:
    """Store a pupil's UPN and whose other record it is; return whether nothing as new was stored."""
    values = {"id": pupil_id, "upn": upn, "same_as": same_as, "revision": revision}
    return await upsert(tx, pupils, values, newer_by="revision")


async def files_of_notices(tx: Transaction, keys: KeyRange) -> Sequence[UUID]:
    """Return the notices of a range of which there is a file."""
    return (await tx.execute(_NOTICES_WITH_FILES, asdict(keys))).scalars().all()


async def find_files(tx: Transaction, extent: Extent, after: str, limit: int) -> Sequence[str]:
    """Return files that were open on a day of the period, by their ids: those to be published again."""
    return await find_keys(tx, _FILES, extent, limit, id=id_of(after))


def _move(file_id: UUID, to: Status) -> Update:
    return update(files).where(files.c.id == file_id, files.c.status.in_(sources(to))).values(status=to)
