"""Questions to the database, one statement each."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, false, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from services.prosecutions.domain import Outdated, Status, outdated, sources
from services.prosecutions.tables import entries, files, former_upns, gate_answers, holds, mark_changes, notice_states, pupils
from shared import clock
from shared.database import Transaction
from shared.ids import new_id

_LOCK_PUPIL = text("""
    SELECT pg_advisory_xact_lock(hashtextextended(record, 8844))
    FROM (SELECT CAST(record AS text) AS record FROM records_of(CAST(:pupil AS uuid)) AS record ORDER BY 1) AS records
""")


async def lock_pupil(tx: Transaction, pupil_id: UUID) -> None:
    """Let facts about one child, on whichever record, which come on several topics, be taken one after the other."""
    await tx.execute(_LOCK_PUPIL, {"pupil": pupil_id})


def _records_of(pupil_id: UUID) -> Select[Any]:
    return select(func.records_of(pupil_id).column_valued("record"))


async def add_file(tx: Transaction, **values: Any) -> bool:
    """Store a file; false where there is one already for this notice, or this decision and parent."""
    return bool((await tx.execute(upsert(files).values(values).on_conflict_do_nothing().returning(files.c.id))).scalar())


async def one_file(tx: Transaction, file_id: UUID, *, lock: bool = False) -> Row[Any] | None:
    """Return a file; `lock` holds it until the transaction ends."""
    query = select(files).where(files.c.id == file_id)
    return (await tx.execute(query.with_for_update() if lock else query)).first()


async def file_of_notice(tx: Transaction, notice_id: UUID) -> Row[Any] | None:
    """Return, locked, the file that rests on a notice."""
    return (await tx.execute(select(files).where(files.c.notice_id == notice_id).with_for_update())).first()


async def running_files(tx: Transaction, pupil_id: UUID) -> Sequence[Row[Any]]:
    """Return, locked, the files of a child, on whichever record, that are not at their end."""
    running = select(files).where(files.c.pupil_id.in_(_records_of(pupil_id)), files.c.status.in_(["draft", "charged"]))
    return (await tx.execute(running.order_by(files.c.id).with_for_update())).all()


async def list_files(
    tx: Transaction,
    limit: int,
    after: UUID | None,
    *,
    status: Status | None = None,
    upn: str | None = None,
    notice_id: UUID | None = None,
    la_code: str | None = None,
) -> Sequence[Row[Any]]:
    """Return files, the oldest first."""
    query = select(files).order_by(files.c.id).limit(limit)
    if after:
        query = query.where(files.c.id > after)
    if status:
        query = query.where(files.c.status == status)
    if upn:
        had = select(former_upns.c.pupil_id).where(former_upns.c.upn == upn)
        named = select(pupils.c.id).where(pupils.c.upn == upn).union(had).subquery()
        query = query.where(files.c.pupil_id.in_(select(func.records_of(named.c.id))))
    if notice_id:
        query = query.where(files.c.notice_id == notice_id)
    if la_code:
        query = query.where(files.c.la_code == la_code)
    return (await tx.execute(query)).all()


async def move(tx: Transaction, file_id: UUID, to: Status, **values: Any) -> bool:
    """Bring a file to another state; false where the way there is not open from its present one."""
    changed = update(files).where(files.c.id == file_id, files.c.status.in_(sources(to)))
    return bool((await tx.execute(changed.values(status=to, **values))).rowcount)


async def add_entries(tx: Transaction, file_id: UUID, steps: Sequence[tuple[date, str, str | None]]) -> None:
    """Add steps (day, what, by whom) to a file's chronology."""
    now = clock.now()
    rows = [{"id": new_id(), "file_id": file_id, "on": on, "what": what, "by": by, "recorded_at": now} for on, what, by in steps]
    await tx.execute(insert(entries), rows)


async def chronology(tx: Transaction, file_id: UUID) -> Sequence[Row[Any]]:
    """Return a file's steps in the order of their days."""
    return (await tx.execute(select(entries).where(entries.c.file_id == file_id).order_by(entries.c.on, entries.c.id))).all()


async def add_answer(tx: Transaction, **values: Any) -> None:
    """Store an officer's answer to a gate; earlier ones stay."""
    await tx.execute(insert(gate_answers).values(values))


async def answers(tx: Transaction, file_id: UUID) -> Sequence[Row[Any]]:
    """Return the latest answer to each gate."""
    latest = select(gate_answers).ext(distinct_on(gate_answers.c.gate)).where(gate_answers.c.file_id == file_id)
    return (await tx.execute(latest.order_by(gate_answers.c.gate, gate_answers.c.id.desc()))).all()


async def hold(tx: Transaction, file_id: UUID, cause: str, subject: str, on: date) -> bool:
    """Hold a file until an officer clears it; false where this very fact has held it before."""
    values = {"id": new_id(), "file_id": file_id, "cause": cause, "subject": subject, "held_on": on}
    fresh = upsert(holds).values(values).on_conflict_do_nothing().returning(holds.c.id)
    if not (await tx.execute(fresh)).scalar():
        return False
    await tx.execute(update(files).where(files.c.id == file_id).values(held=True))
    return True


async def holds_of(tx: Transaction, file_id: UUID) -> Sequence[Row[Any]]:
    """Return what holds or held a file, the first one first."""
    return (await tx.execute(select(holds).where(holds.c.file_id == file_id).order_by(holds.c.id))).all()


async def clear_holds(tx: Transaction, file_id: UUID, person: str, role: str, reason: str, on: date) -> bool:
    """Clear all that holds a file; false where nothing does."""
    standing = update(holds).where(holds.c.file_id == file_id, holds.c.cleared_on.is_(None))
    cleared = {"cleared_on": on, "cleared_at": clock.now(), "cleared_by": person, "cleared_by_role": role, "cleared_reason": reason}
    found = bool((await tx.execute(standing.values(cleared))).rowcount)
    await tx.execute(update(files).where(files.c.id == file_id).values(held=false()))
    return found


async def store_payment(tx: Transaction, notice_id: UUID, revision: int, paid_pence: int, discharged: bool) -> bool:
    """Keep what is paid for a notice; false where something newer is known."""
    values = {"payment_revision": revision, "paid_pence": paid_pence, "discharged": discharged}
    stored = upsert(notice_states).values(notice_id=notice_id, **values)
    stored = stored.on_conflict_do_update(
        index_elements=["notice_id"], set_=values, where=notice_states.c.payment_revision < stored.excluded.payment_revision
    )
    return bool((await tx.execute(stored.returning(notice_states.c.notice_id))).scalar())


async def store_withdrawal(tx: Transaction, notice_id: UUID, withdrawn_on: date) -> None:
    """Keep that a notice is withdrawn."""
    stored = upsert(notice_states).values(notice_id=notice_id, withdrawn_on=withdrawn_on)
    await tx.execute(stored.on_conflict_do_update(index_elements=["notice_id"], set_={"withdrawn_on": withdrawn_on}))


async def notice_ended(tx: Transaction, notice_id: UUID | None) -> bool:
    """Tell whether a notice is paid in full or withdrawn."""
    ended = or_(notice_states.c.discharged, notice_states.c.withdrawn_on.is_not(None))
    return bool((await tx.execute(select(exists().where(notice_states.c.notice_id == notice_id, ended)))).scalar())


async def store_service(tx: Transaction, notice_id: UUID, revision: int, received_on: date) -> bool:
    """Keep how a notice was served; false where something newer is known."""
    values = {"served_revision": revision, "received_on": received_on, "returned_on": None}
    stored = upsert(notice_states).values(notice_id=notice_id, **values)
    stored = stored.on_conflict_do_update(
        index_elements=["notice_id"], set_=values, where=notice_states.c.served_revision < stored.excluded.served_revision
    )
    return bool((await tx.execute(stored.returning(notice_states.c.notice_id))).scalar())


async def store_return(tx: Transaction, notice_id: UUID, returned_on: date) -> None:
    """Keep that the letter of a notice came back."""
    stored = upsert(notice_states).values(notice_id=notice_id, returned_on=returned_on)
    await tx.execute(stored.on_conflict_do_update(index_elements=["notice_id"], set_={"returned_on": returned_on}))


async def outdated_service(tx: Transaction, file: Row[Any]) -> Outdated | None:
    """Return how the service of a file's notice is no longer what the file says; null where it is."""
    if file.notice_id is None:
        return None
    known = (await tx.execute(select(notice_states).where(notice_states.c.notice_id == file.notice_id))).first()
    return outdated(date.fromisoformat(file.notice["served"]["received_on"]), known.received_on, known.returned_on) if known else None


async def update_notice(tx: Transaction, file_id: UUID, notice: Mapping[str, Any], findings: Sequence[Any]) -> None:
    """Store a file's notice as it now is, with the findings that explain it."""
    await tx.execute(update(files).where(files.c.id == file_id).values(notice=notice, findings=findings))


async def store_mark_change(tx: Transaction, **values: Any) -> None:
    """Keep the newest version of a mark that something relies on."""
    stored = upsert(mark_changes).values(values)
    newer = {"version": stored.excluded.version, "code": stored.excluded.code}
    keys = ["pupil_id", "urn", "date", "session"]
    await tx.execute(stored.on_conflict_do_update(index_elements=keys, set_=newer, where=mark_changes.c.version < stored.excluded.version))


async def mark_changes_of(tx: Transaction, pupil_id: UUID) -> Sequence[Row[Any]]:
    """Return the marks of a child, on whichever record, that changed under something."""
    return (await tx.execute(select(mark_changes).where(mark_changes.c.pupil_id.in_(_records_of(pupil_id))))).all()


async def store_pupil(tx: Transaction, pupil_id: UUID, upn: str, same_as: UUID | None, revision: int) -> bool:
    """Keep a pupil's UPN and whose other record it is; false where something as new is known."""
    stored = upsert(pupils).values(id=pupil_id, upn=upn, same_as=same_as, revision=revision)
    newer = {name: stored.excluded[name] for name in ("upn", "same_as", "revision")}
    kept = stored.on_conflict_do_update(index_elements=["id"], set_=newer, where=pupils.c.revision < stored.excluded.revision)
    return bool((await tx.execute(kept)).rowcount)
