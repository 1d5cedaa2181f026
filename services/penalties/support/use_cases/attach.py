"""Attach files to an entry, and give them back."""

from collections.abc import AsyncIterator
from functools import partial
from uuid import UUID

from services.penalties.case_file.use_cases.problems import require
from services.penalties.support.domain.attachments import HEAD, OF_NO_KIND, Attachment, attachment_refusals, file_name, media_type_of
from services.penalties.support.repository.attachments import add_attachment, attachments_of, find_attachment, matches_its_hash, piece_of
from services.penalties.support.use_cases.problems import AttachmentDamaged, AttachmentNotFound, AttachmentRefused
from services.penalties.support.use_cases.read import ShownEntry, show_entry
from services.penalties.support.use_cases.record import lock_own_entry
from shared import clock
from shared.database import Database, Transaction
from shared.http import CallerInfo, Upload

PIECE = 1024 * 1024


async def attach(tx: Transaction, caller: CallerInfo, entry_id: UUID, upload: Upload) -> ShownEntry:
    """Attach a file to an entry, as one of those for whom it was written; raise AttachmentRefused, and store nothing then."""
    entry = await lock_own_entry(tx, caller, entry_id)
    earlier, sha256, size = await attachments_of(tx, [entry_id]), upload.digest(), upload.size()
    media_type = media_type_of(upload.file.read(HEAD))
    require(tuple(attachment_refusals(media_type, size, sha256, earlier)), AttachmentRefused)
    if media_type is None:
        raise AttachmentRefused(OF_NO_KIND.text, missing=[OF_NO_KIND.as_json()])
    attached = Attachment(
        entry_id=entry_id,
        number=len(earlier) + 1,
        version=entry.version,
        name=file_name(upload.shown_name(), media_type),
        media_type=media_type,
        size=size,
        sha256=sha256,
        attached_by=caller.person(),
        attached_by_role=caller.role,
        attached_by_subject=caller.subject,
        attached_at=clock.now(),
    )
    upload.file.seek(0)
    await add_attachment(tx, attached, iter(partial(upload.file.read, PIECE), b""))
    return await show_entry(tx, entry_id)


async def read_attachment(database: Database, entry_id: UUID, number: int) -> Attachment:
    """Return a file's particulars; raise AttachmentNotFound, or AttachmentDamaged where its content is not what was attached."""
    async with database.begin() as tx:
        found = await find_attachment(tx, entry_id, number)
        if found is None:
            raise AttachmentNotFound
        if not await matches_its_hash(tx, entry_id, number):
            raise AttachmentDamaged(
                "What is stored is not the file that was attached, by its hash. Tell whoever runs the system, and attach the file again."
            )
        return found


async def content_of(database: Database, entry_id: UUID, number: int) -> AsyncIterator[bytes]:
    """Yield the content of a file, piece by piece."""
    position = 0
    while True:
        async with database.begin() as tx:
            content = await piece_of(tx, entry_id, number, position)
        if content is None:
            return
        yield content
        position += 1
