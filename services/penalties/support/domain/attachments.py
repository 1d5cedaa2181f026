"""A file attached to an entry of the support log: of which kinds, how long, and what stands in the way of attaching it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesHeaderParser
from typing import Literal
from uuid import UUID

from services.penalties.case_file.domain.refusals import Refusal

MediaType = Literal["application/pdf", "image/png", "image/jpeg", "message/rfc822"]

LONGEST = 10 * 1024 * 1024
"""Bytes of a file."""
MOST = 30
"""Files of an entry."""
HEAD = 64 * 1024
"""Bytes at the beginning of a file that show what it is."""
ENDINGS: dict[MediaType, tuple[str, ...]] = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "message/rfc822": (".eml",),
}
"""How the name of a file of each kind ends; the first one is added where it does not."""
_BEGINNINGS: dict[bytes, MediaType] = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
OF_NO_KIND = Refusal("attachment-kind", "Attach a PDF, a PNG or JPEG picture, or an e-mail saved as .eml: the file is none of these.")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of an entry, the `number`th. `version`: the entry's when it was attached. Files are only ever added."""

    entry_id: UUID
    number: int
    version: int
    name: str
    media_type: MediaType
    size: int
    sha256: bytes
    attached_by: str
    attached_by_role: str
    attached_by_subject: str
    attached_at: datetime


def media_type_of(head: bytes) -> MediaType | None:
    """Return what a file is by its first bytes, not by its name; None where it is of no kind that is kept."""
    for beginning, media_type in _BEGINNINGS.items():
        if head.startswith(beginning):
            return media_type
    return "message/rfc822" if _is_mail(head) else None


def _is_mail(head: bytes) -> bool:
    """Return whether a file begins with the headers that every e-mail has (RFC 5322 section 3.6)."""
    if b"\x00" in head:
        return False
    headers = BytesHeaderParser().parsebytes(head)
    return "From" in headers and "Date" in headers


def file_name(name: str | None, media_type: MediaType) -> str:
    """Return the name under which a file is kept: as it was sent, with the ending of what it is."""
    endings = ENDINGS[media_type]
    return name if name and name.lower().endswith(endings) else f"{name or 'attachment'}{endings[0]}"


def attachment_refusals(media_type: MediaType | None, size: int, sha256: bytes, earlier: Sequence[Attachment]) -> Iterable[Refusal]:
    """Yield what stands in the way of attaching a file."""
    if size == 0:
        yield Refusal("attachment-empty", "The file is empty.")
    elif media_type is None:
        yield OF_NO_KIND
    if size > LONGEST:
        yield Refusal("attachment-too-long", "A file has at most 10 MB. Attach a smaller copy of it, or its pages one by one.")
    if any(each.sha256 == sha256 for each in earlier):
        yield Refusal("attached-already", "This file is attached to this entry already.")
    if len(earlier) >= MOST:
        yield Refusal("too-many-attachments", f"An entry has at most {MOST} files. Record another entry for the next.")
