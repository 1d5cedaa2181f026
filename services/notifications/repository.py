"""Questions to the database, one statement each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.notifications.domain.court_files import CourtFile
from services.notifications.domain.letters import NOTICE_KINDS, LetterRequest, Status, sources
from services.notifications.domain.particulars import Letter
from services.notifications.tables import court_files, date_decisions, letters, proofs, retries, school_messages
from shared import clock
from shared.comparisons import KeyRange
from shared.database import Transaction
from shared.database.bells import ring_after_commit
from shared.database.paging import Listed, Order, PageQuery, fetch_page
from shared.database.rows import columns_of, fetch_all, fetch_one, select_columns, upsert
from shared.due_work import is_due, not_waiting
from shared.ids import new_id
from shared.messaging.state import Extent, find_keys, id_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRow(LetterRequest):
    """A letter as it was requested and how far it has come, without its file. `received_on` is deemed receipt and may lie ahead."""

    id: UUID
    channel: str
    status: Status
    made_on: date | None
    posted_on: date | None
    received_on: date | None
    returned_on: date | None
    misdated_on: date | None
    last_error: str | None
    attempts: int
    provider_id: str | None


@dataclass(frozen=True, slots=True)
class ProofRow:
    """Proof that a letter was posted, and when it counts as received."""

    id: UUID
    method: str
    posted_on: date
    received_on: date
    evidence: Mapping[str, object]
    findings: Sequence[Mapping[str, object]]
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class DateDecisionRow:
    """What a named person decided about a letter that bears a wrong date: whether a correcting letter goes out, and why."""

    corrects: bool
    reason: str
    decided_by: str
    decided_by_role: str


@dataclass(frozen=True, slots=True)
class SchoolMessageRow:
    """A message to a school."""

    id: UUID
    kind: str
    about: UUID
    urn: int
    la_code: str
    pupil_id: UUID
    facts: Mapping[str, object]
    sent_at: datetime


_NOTICE_LETTERS = text("""
    SELECT CAST(id AS text) FROM letters
    WHERE id > CAST(:id AS uuid) AND kind IN ('notice-to-improve', 'penalty-notice', 'excluded-pupil-notice')
      AND coalesce(returned_on, posted_on) BETWEEN :first AND :last
      AND (CAST(:school AS integer) IS NULL OR urn = :school) AND (CAST(:pupil AS uuid) IS NULL OR pupil_id = :pupil)
    ORDER BY id LIMIT :limit
""")

_NOTICES_WITH_LETTERS = text("""
    SELECT about AS id, kind FROM letters
    WHERE kind IN ('notice-to-improve', 'penalty-notice', 'excluded-pupil-notice')
      AND about > CAST(:after AS uuid) AND (CAST(:until AS uuid) IS NULL OR about <= :until) ORDER BY about LIMIT :limit
""")


_PROVEN = text("""
    SELECT letter.about AS id, max(proof.revision) AS revision FROM letters AS letter JOIN proofs AS proof ON proof.letter_id = letter.id
    WHERE letter.kind IN ('notice-to-improve', 'penalty-notice', 'excluded-pupil-notice')
      AND about > CAST(:after AS uuid) AND (CAST(:until AS uuid) IS NULL OR about <= :until) GROUP BY letter.about ORDER BY about LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class ProvenNoticeRow:
    """A notice that was served, and the revision of its last proof."""

    id: UUID
    revision: int


@dataclass(frozen=True, slots=True)
class NoticeWithLetterRow:
    """A notice of which there is the letter itself, and its kind."""

    id: UUID
    kind: str


_JOBS: Mapping[Status, str] = {"requested": "letters to make", "made": "letters to post", "sent": "letters to follow"}
"""The job that is next for a letter in a state."""


async def add_letter(tx: Transaction, request: LetterRequest, *, letter_id: UUID | None = None) -> None:
    """Store that a letter is to be made; one letter of each kind about a notice, or about leave, to each parent.

    `letter_id` where it has one already, in an event.
    """
    now = clock.now()
    values = columns_of(request) | {
        "id": letter_id or request.letter_id,
        "channel": "post",
        "status": "requested",
        "requested_at": now,
        "next_attempt_at": now,
    }
    await tx.execute(insert(letters).values(values).on_conflict_do_nothing(index_elements=["about", "kind", "parent_id"]))
    ring_after_commit(tx, _JOBS["requested"])


async def notice_letter(tx: Transaction, notice_id: UUID) -> LetterRow | None:
    """Return the letter that is the notice itself."""
    return await fetch_one(tx, _letters().where(letters.c.about == notice_id, letters.c.kind.in_(NOTICE_KINDS)), LetterRow)


async def letter_as_requested(tx: Transaction, request: LetterRequest) -> LetterRow | None:
    """Return the letter that a request led to, or the one of its kind that was there before."""
    same = (letters.c[name] == getattr(request, name) for name in ("about", "kind", "parent_id"))
    return await fetch_one(tx, _letters().where(*same), LetterRow)


async def due_letters(tx: Transaction, job: str, status: Status, now: datetime, limit: int) -> list[str]:
    """Return the ids of letters in this state that a job has to go on with, the longest due first."""
    due = select(letters.c.id).where(letters.c.status == status, is_due(letters, "requested_at", now))
    due = due.where(text(not_waiting("CAST(letters.id AS text)"))).order_by(letters.c.next_attempt_at).limit(limit)
    return [str(letter_id) for letter_id in (await tx.execute(due, {"job": job})).scalars()]


async def claim_letter(tx: Transaction, letter_id: UUID, status: Status, now: datetime) -> LetterRow | None:
    """Return a letter, locked, if it is due in this state and no other worker has locked it."""
    due = _letters().where(letters.c.id == letter_id, letters.c.status == status, is_due(letters, "requested_at", now))
    return await fetch_one(tx, due.with_for_update(skip_locked=True), LetterRow)


async def postpone(tx: Transaction, letter_id: UUID, attempts: int, next_attempt_at: datetime) -> None:
    """Count an attempt and store when the next one is due, should this one fail."""
    await tx.execute(update(letters).where(letters.c.id == letter_id).values(attempts=attempts, next_attempt_at=next_attempt_at))


async def store_error(tx: Transaction, letter_id: UUID, error: str, next_attempt_at: datetime | None = None) -> None:
    """Store why a letter waits and, where it is not as `postpone` stored it, when the next attempt is due."""
    values = {"last_error": error} | ({"next_attempt_at": next_attempt_at} if next_attempt_at else {})
    await tx.execute(update(letters).where(letters.c.id == letter_id).values(values))


async def store_made(tx: Transaction, letter_id: UUID, letter: Letter, pdf: bytes) -> None:
    """Store what a letter prints and its exact file: it is due to be posted."""
    await _move(tx, letter_id, "made", contents=letter.contents, pdf=pdf, made_on=clock.today(), next_attempt_at=clock.now())


async def store_sent(tx: Transaction, letter_id: UUID, provider_id: str, pdf: bytes) -> None:
    """Store under which id the printer took a letter, and the file that it took: the letter is due to be followed."""
    await _move(tx, letter_id, "sent", provider_id=provider_id, pdf=pdf, next_attempt_at=clock.now())


async def store_served(tx: Transaction, letter_id: UUID, posted_on: date, received_on: date) -> bool:
    """Store when a letter was posted and counts as received; return whether its state allowed that."""
    return await _move(tx, letter_id, "served", posted_on=posted_on, received_on=received_on)


async def store_returned(tx: Transaction, letter_id: UUID, returned_on: date) -> bool:
    """Store that the post brought a letter back; return whether its state allowed that."""
    return await _move(tx, letter_id, "returned", returned_on=returned_on)


async def store_failed(tx: Transaction, letter_id: UUID, error: str) -> bool:
    """Store that a letter cannot be made or sent, and why; return whether its state allowed that."""
    return await _move(tx, letter_id, "failed", last_error=error)


async def request_again(tx: Transaction, letter_id: UUID) -> bool:
    """Let a letter be made afresh that failed, or that was made and not handed over; return whether its state allowed that."""
    empty = dict.fromkeys(("contents", "pdf", "made_on", "misdated_on", "provider_id"))
    return await _move(tx, letter_id, "requested", next_attempt_at=clock.now(), **empty)


async def letters_dated_ahead(tx: Transaction, job: str, today: date, limit: int) -> list[str]:
    """Return the ids of letters that bear a day after this one and were, or may be, handed over, where that is not noted yet."""
    ahead = select(letters.c.id).where(*_dated_ahead(today), text(not_waiting("CAST(letters.id AS text)")))
    found = await tx.execute(ahead.order_by(letters.c.made_on, letters.c.id).limit(limit), {"job": job})
    return [str(letter_id) for letter_id in found.scalars()]


async def lock_letters_dated_ahead(tx: Transaction, today: date, ids: Sequence[UUID]) -> list[LetterRow]:
    """Return those of these letters that still are so, locked; those that another worker has locked are left out."""
    ahead = _letters().where(letters.c.id.in_(ids), *_dated_ahead(today)).order_by(letters.c.id)
    return await fetch_all(tx, ahead.with_for_update(skip_locked=True), LetterRow)


def _dated_ahead(today: date) -> tuple[ColumnElement[bool], ...]:
    own = letters.c
    return own.made_on > today, own.misdated_on.is_(None), own.status.in_(["made", "sent", "served", "returned"])


async def store_misdated(tx: Transaction, letter_id: UUID, found_on: date) -> None:
    """Store that a letter was handed over with a day on it that lay ahead, and when that was found."""
    await tx.execute(update(letters).where(letters.c.id == letter_id).values(misdated_on=found_on))


async def lock_misdated(tx: Transaction, about: UUID, parent_id: UUID) -> list[LetterRow]:
    """Return the letters to a parent about one thing that bear a wrong date and about which nobody has decided, locked."""
    own = letters.c.about == about, letters.c.parent_id == parent_id, letters.c.misdated_on.is_not(None)
    await tx.execute(select(letters.c.id).where(*own).order_by(letters.c.id).with_for_update())
    undecided = _letters().where(*own, *_undecided())  # another statement, which sees what was decided by whoever had them locked
    return await fetch_all(tx, undecided.order_by(letters.c.requested_at, letters.c.id), LetterRow)


def _undecided() -> tuple[ColumnElement[bool], ...]:
    decided = select(date_decisions.c.letter_id).where(date_decisions.c.letter_id == letters.c.id).exists()
    return letters.c.misdated_on.is_not(None), letters.c.status != "failed", ~decided


async def add_date_decisions(tx: Transaction, ids: Collection[UUID], reason: str, person: str, role: str, *, corrects: bool) -> None:
    """Store what a person decided about letters that bear a wrong date."""
    values = {"corrects": corrects, "reason": reason, "decided_by": person, "decided_by_role": role, "decided_at": clock.now()}
    await tx.execute(insert(date_decisions), [{"letter_id": letter_id, **values} for letter_id in ids])


async def date_decision_of(tx: Transaction, letter_id: UUID) -> DateDecisionRow | None:
    """Return what a person decided about a letter that bears a wrong date."""
    return await fetch_one(
        tx, select_columns(date_decisions, DateDecisionRow).where(date_decisions.c.letter_id == letter_id), DateDecisionRow
    )


async def restore_letter(tx: Transaction, letter_id: UUID, status: Status, **values: object) -> None:
    """Store how far a letter had come, by an event that the database had lost."""
    restored = update(letters).where(letters.c.id == letter_id)
    await tx.execute(restored.values(status=status, next_attempt_at=None, **values))


async def letters_without_file(tx: Transaction) -> list[UUID]:
    """Return the letters that were posted and of which there is no file."""
    posted = select(letters.c.id).where(letters.c.status.in_(["served", "returned"]), letters.c.pdf.is_(None))
    return list((await tx.execute(posted.order_by(letters.c.id))).scalars())


async def store_file(tx: Transaction, letter_id: UUID, provider_id: str, pdf: bytes) -> None:
    """Store under which id the printer has a letter, and its file."""
    await tx.execute(update(letters).where(letters.c.id == letter_id).values(provider_id=provider_id, pdf=pdf))


async def cancel_unsent(tx: Transaction, notice_id: UUID) -> None:
    """Stop the letter of a withdrawn notice that has not been handed to the printer."""
    waiting = update(letters).where(
        letters.c.about == notice_id, letters.c.kind.in_(NOTICE_KINDS), letters.c.status.in_(sources("cancelled"))
    )
    await tx.execute(waiting.values(status="cancelled", next_attempt_at=None))


async def add_proof(tx: Transaction, letter_id: UUID, proof: ProofRow) -> int:
    """Store a proof of posting; return its revision, which counts per letter."""
    revision = select(func.coalesce(func.max(proofs.c.revision), 0) + 1).where(proofs.c.letter_id == letter_id).scalar_subquery()
    values = columns_of(proof) | {"letter_id": letter_id, "revision": revision}
    return int((await tx.execute(insert(proofs).values(values).returning(proofs.c.revision))).scalar_one())


async def list_letters(
    tx: Transaction,
    page: PageQuery,
    *,
    about: Collection[UUID] | None = None,
    status: Status | None = None,
    urns: Iterable[int] | None = None,
    la_code: str | None = None,
    misdated: bool = False,
) -> Listed[LetterRow]:
    """Return letters in the order in which they were requested."""
    query = _letters()
    if about:
        query = query.where(letters.c.about.in_(about))
    if status:
        query = query.where(letters.c.status == status)
    if misdated:
        query = query.where(*_undecided())
    if urns is not None:
        query = query.where(letters.c.urn.in_(list(urns)))
    if la_code:
        query = query.where(letters.c.la_code == la_code)
    return await fetch_page(tx, query, LetterRow, Order((letters.c.requested_at, letters.c.id)), page)


async def read_letter(tx: Transaction, letter_id: UUID, *, lock: bool = False) -> LetterRow | None:
    """Return a letter, locked until the transaction ends if so wished."""
    query = _letters().where(letters.c.id == letter_id)
    return await fetch_one(tx, query.with_for_update() if lock else query, LetterRow)


async def letter_pdf(tx: Transaction, letter_id: UUID) -> bytes | None:
    """Return the exact file that was sent."""
    return (await tx.execute(select(letters.c.pdf).where(letters.c.id == letter_id))).scalar()


async def proofs_of(tx: Transaction, letter_id: UUID) -> list[ProofRow]:
    """Return a letter's proofs of serving, the oldest first."""
    found = select_columns(proofs, ProofRow).where(proofs.c.letter_id == letter_id)
    return await fetch_all(tx, found.order_by(proofs.c.revision), ProofRow)


async def lock_letter_of_provider(tx: Transaction, provider_id: str) -> LetterRow | None:
    """Return, locked, the letter that has this id at the printer."""
    return await fetch_one(tx, _letters().where(letters.c.provider_id == provider_id).with_for_update(), LetterRow)


async def lock_court_file(tx: Transaction, file_id: UUID) -> CourtFile | None:
    """Return what is stored of a court file, locked."""
    return await fetch_one(tx, select(court_files).where(court_files.c.id == file_id).with_for_update(), CourtFile)


async def save_court_file(tx: Transaction, file: CourtFile) -> None:
    """Store a court file as it now is."""
    await upsert(tx, court_files, columns_of(file))


async def court_files_about(tx: Transaction, notice_id: UUID) -> list[CourtFile]:
    """Return the court files that rest on a notice, the oldest first."""
    about = select(court_files).where(court_files.c.notice_ids.contains([notice_id]))
    return await fetch_all(tx, about.order_by(court_files.c.id), CourtFile)


async def add_retry(tx: Transaction, letter_id: UUID, reason: str, person: str, role: str) -> None:
    """Store who asked for a failed letter again, and why."""
    values = {"letter_id": letter_id, "reason": reason, "asked_by": person, "asked_by_role": role, "asked_at": clock.now()}
    await tx.execute(insert(retries).values(id=new_id(), **values))


async def add_school_message(tx: Transaction, message: SchoolMessageRow) -> None:
    """Store a message to a school, once for each thing that it is about."""
    await tx.execute(insert(school_messages).values(columns_of(message)).on_conflict_do_nothing(index_elements=["kind", "about"]))


async def school_messages_of(tx: Transaction, urn: int, page: PageQuery, la_code: str | None) -> Listed[SchoolMessageRow]:
    """Return a school's messages, the newest first."""
    query = select(school_messages).where(school_messages.c.urn == urn)
    if la_code:
        query = query.where(school_messages.c.la_code == la_code)
    return await fetch_page(tx, query, SchoolMessageRow, Order((school_messages.c.id,), descending=True), page)


async def notices_with_letters(tx: Transaction, keys: KeyRange) -> list[NoticeWithLetterRow]:
    """Return the notices of a range of which there is the letter itself."""
    return await fetch_all(tx, _NOTICES_WITH_LETTERS, NoticeWithLetterRow, asdict(keys))


async def proven_notices(tx: Transaction, keys: KeyRange) -> list[ProvenNoticeRow]:
    """Return the notices of a range that were served."""
    return await fetch_all(tx, _PROVEN, ProvenNoticeRow, asdict(keys))


async def find_notice_letters(tx: Transaction, extent: Extent, after: str, limit: int) -> Sequence[str]:
    """Return letters, themselves notices, that were posted or came back in the period, by their ids: those to be published again."""
    return await find_keys(tx, _NOTICE_LETTERS, extent, limit, id=id_of(after))


def _letters() -> Select[Any]:
    return select_columns(letters, LetterRow)


async def _move(tx: Transaction, letter_id: UUID, to: Status, **values: Any) -> bool:
    """Bring a letter to another state; return whether the way there is open from its present one."""
    changed = update(letters).where(letters.c.id == letter_id, letters.c.status.in_(sources(to)))
    fresh = {"last_error": None, "next_attempt_at": None, "attempts": 0, **values}
    if to in _JOBS:
        ring_after_commit(tx, _JOBS[to])
    return bool((await tx.execute(changed.values(status=to, **fresh))).rowcount)
