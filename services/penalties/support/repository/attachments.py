"""Files attached to entries: their particulars, and their content in pieces. Row security shows those of entries that the caller sees."""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import insert, select, text

from services.penalties.support.domain.attachments import Attachment
from services.penalties.tables import row_of, values_of
from services.penalties.tables.support import support_attachments, support_pieces
from shared.database import Transaction
from shared.database.rows import fetch_all, fetch_one

_MATCHES = text("""
    SELECT sha256(coalesce((
        SELECT string_agg(content, '' ORDER BY position) FROM support_pieces WHERE entry_id = :entry_id AND number = :number
    ), '')) = sha256 FROM support_attachments WHERE entry_id = :entry_id AND number = :number
""")


async def add_attachment(tx: Transaction, attachment: Attachment, pieces: Iterable[bytes]) -> None:
    """Store a file of an entry, which is locked."""
    await tx.execute(insert(support_attachments).values(values_of(support_attachments, attachment)))
    for position, content in enumerate(pieces):
        piece = {"entry_id": attachment.entry_id, "number": attachment.number, "position": position, "content": content}
        await tx.execute(insert(support_pieces).values(piece))


async def attachments_of(tx: Transaction, entry_ids: Collection[UUID]) -> list[Attachment]:
    """Return the files of these entries, in the order in which they were attached."""
    found = select(support_attachments).where(support_attachments.c.entry_id.in_(entry_ids))
    return await fetch_all(tx, found.order_by(support_attachments.c.entry_id, support_attachments.c.number), row_of(Attachment))


async def find_attachment(tx: Transaction, entry_id: UUID, number: int) -> Attachment | None:
    """Return a file of an entry; None where there is none."""
    found = select(support_attachments).where(support_attachments.c.entry_id == entry_id, support_attachments.c.number == number)
    return await fetch_one(tx, found, row_of(Attachment))


async def matches_its_hash(tx: Transaction, entry_id: UUID, number: int) -> bool:
    """Return whether the content of a file is what was attached, by its hash."""
    return bool((await tx.execute(_MATCHES, {"entry_id": entry_id, "number": number})).scalar())


async def piece_of(tx: Transaction, entry_id: UUID, number: int, position: int) -> bytes | None:
    """Return one piece of a file's content; None after the last."""
    table = support_pieces.c
    found = select(table.content).where(table.entry_id == entry_id, table.number == number, table.position == position)
    return (await tx.execute(found)).scalar()
