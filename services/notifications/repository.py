"""Questions to the database, one statement each."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.notifications.domain import NOTICE_KINDS, Status, sources
from services.notifications.tables import letters, proofs, retries, school_messages
from shared.database import Transaction

SHOWN: tuple[Column[Any], ...] = (
    letters.c.id, letters.c.kind, letters.c.about, letters.c.parent_id, letters.c.pupil_id, letters.c.urn, letters.c.la_code,
    letters.c.channel, letters.c.status, letters.c.made_on, letters.c.posted_on, letters.c.received_on, letters.c.returned_on,
    letters.c.trouble,
)  # fmt: skip
"""All of a letter but its words."""


async def add_letter(tx: Transaction, **values: Any) -> None:
    """Store a wish for a letter; one letter of each kind about a notice, or about leave, to each parent."""
    await tx.execute(upsert(letters).values(values).on_conflict_do_nothing(index_elements=["about", "kind", "parent_id"]))


async def notice_letter(tx: Transaction, notice_id: UUID) -> Row[Any] | None:
    """Return the letter that is the notice itself: whose, and of which school."""
    return (await tx.execute(select(*SHOWN).where(letters.c.about == notice_id, letters.c.kind.in_(NOTICE_KINDS)))).first()


async def claim(tx: Transaction, status: Status, now: datetime) -> Row[Any] | None:
    """Lock the letter in this state that has been due for longest, passing over those that another worker holds."""
    due = select(letters).where(letters.c.status == status, letters.c.next_attempt_at <= now)
    return (await tx.execute(due.order_by(letters.c.next_attempt_at).limit(1).with_for_update(skip_locked=True))).first()


async def postpone(tx: Transaction, letter_id: UUID, attempts: int, next_attempt_at: datetime) -> None:
    """Count an attempt and say when the next one is due, should this one come to nothing."""
    await tx.execute(update(letters).where(letters.c.id == letter_id).values(attempts=attempts, next_attempt_at=next_attempt_at))


async def note_trouble(tx: Transaction, letter_id: UUID, trouble: str, **sooner: datetime) -> None:
    """Keep why a letter waits; `next_attempt_at`, if it is to be tried sooner than its claim said."""
    await tx.execute(update(letters).where(letters.c.id == letter_id).values(trouble=trouble, **sooner))


async def move(tx: Transaction, letter_id: UUID, to: Status, **values: Any) -> bool:
    """Bring a letter to another state; false where the way there is not open from its present one."""
    changed = update(letters).where(letters.c.id == letter_id, letters.c.status.in_(sources(to)))
    fresh = {"trouble": None, "next_attempt_at": None, "attempts": 0, **values}
    return bool((await tx.execute(changed.values(status=to, **fresh))).rowcount)


async def cancel_unsent(tx: Transaction, notice_id: UUID) -> None:
    """Stop the letter of a withdrawn notice that has not been handed to the printer."""
    waiting = update(letters).where(
        letters.c.about == notice_id, letters.c.kind.in_(NOTICE_KINDS), letters.c.status.in_(sources("cancelled"))
    )
    await tx.execute(waiting.values(status="cancelled", next_attempt_at=None))


async def add_proof(tx: Transaction, proof_id: UUID, letter_id: UUID, posted_on: date, received_on: date, **more: Any) -> int:
    """Store a proof of posting; return its revision, which counts per letter."""
    earlier = select(func.coalesce(func.max(proofs.c.revision), 0) + 1).where(proofs.c.letter_id == letter_id).scalar_subquery()
    values = {"id": proof_id, "letter_id": letter_id, "revision": earlier, "posted_on": posted_on, "received_on": received_on, **more}
    return int((await tx.execute(insert(proofs).values(values).returning(proofs.c.revision))).scalar_one())


async def list_letters(
    tx: Transaction,
    limit: int,
    after: UUID | None,
    *,
    about: UUID | None = None,
    status: str | None = None,
    urns: Iterable[int] | None = None,
    la_code: str | None = None,
) -> list[Row[Any]]:
    """Return letters in the order in which they were asked for."""
    query = select(*SHOWN).order_by(letters.c.id).limit(limit)
    if after:
        query = query.where(letters.c.id > after)
    if about:
        query = query.where(letters.c.about == about)
    if status:
        query = query.where(letters.c.status == status)
    if urns is not None:
        query = query.where(letters.c.urn.in_(list(urns)))
    if la_code:
        query = query.where(letters.c.la_code == la_code)
    return list((await tx.execute(query)).all())


async def one_letter(tx: Transaction, letter_id: UUID, *, lock: bool = False) -> Row[Any] | None:
    """Return a letter without its words; `lock` holds it until the transaction ends."""
    query = select(*SHOWN).where(letters.c.id == letter_id)
    return (await tx.execute(query.with_for_update() if lock else query)).first()


async def letter_pdf(tx: Transaction, letter_id: UUID) -> bytes | None:
    """Return the exact file that was sent."""
    return (await tx.execute(select(letters.c.pdf).where(letters.c.id == letter_id))).scalar()


async def proofs_of(tx: Transaction, letter_id: UUID) -> list[Row[Any]]:
    """Return a letter's proofs of service, the first one first."""
    return list((await tx.execute(select(proofs).where(proofs.c.letter_id == letter_id).order_by(proofs.c.revision))).all())


async def letter_of_provider(tx: Transaction, provider_id: str) -> Row[Any] | None:
    """Return, locked, the letter that the printer knows by this id."""
    return (await tx.execute(select(*SHOWN).where(letters.c.provider_id == provider_id).with_for_update())).first()


async def add_retry(tx: Transaction, **values: Any) -> None:
    """Keep who asked for a failed letter again, and why."""
    await tx.execute(insert(retries).values(values))


async def tell_school(tx: Transaction, **values: Any) -> None:
    """Store a message to a school, once for each thing that it is about."""
    await tx.execute(upsert(school_messages).values(values).on_conflict_do_nothing(index_elements=["kind", "about"]))


async def school_messages_of(tx: Transaction, urn: int, limit: int, after: UUID | None, la_code: str | None) -> list[Row[Any]]:
    """Return a school's messages, the newest first."""
    query = select(school_messages).where(school_messages.c.urn == urn).order_by(school_messages.c.id.desc()).limit(limit)
    if after:
        query = query.where(school_messages.c.id < after)
    if la_code:
        query = query.where(school_messages.c.la_code == la_code)
    return list((await tx.execute(query)).all())
