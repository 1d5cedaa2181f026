"""Files that are sent to a service: kept on disk as they arrive, never all of them in memory.

Declared by `@allow(..., upload=True)` with a `max_body_size` of the route's own; the endpoint takes `Uploaded`.
"""

import hashlib
import re
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Any, Literal
from urllib.parse import quote

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from shared.problems import Invalid

IN_MEMORY = 1024 * 1024
"""Bytes of a file that are kept in memory; what is longer goes to a file that the system forgets with the process."""


@dataclass(slots=True)
class Upload:
    """A file as it was sent: the bytes, its name where it has one, and the small parts sent along with it."""

    file: IO[bytes]
    name: str | None = None
    parts: dict[str, bytes] = field(default_factory=dict)

    def digest(self) -> bytes:
        """Return the SHA-256 of the bytes."""
        self.file.seek(0)
        found = hashlib.file_digest(self.file, "sha256").digest()  # type: ignore[arg-type]  # any binary file will do
        self.file.seek(0)
        return found

    def size(self) -> int:
        """Return how many bytes there are."""
        size = self.file.seek(0, 2)
        self.file.seek(0)
        return size

    def shown_name(self) -> str | None:
        """Return the file's name as it may be shown: without folders and control characters, 200 characters at most."""
        return shown_name(self.name)


def shown_name(name: str | None) -> str | None:
    """Return a file's name as it may be shown: without folders and control characters, 200 characters at most; None where nothing is left."""
    shown = "".join(each for each in (name or "").replace("\\", "/").rpartition("/")[2] if each.isprintable()).strip()
    return shown[:200] or None


def sent_as(name: str, disposition: Literal["attachment", "inline"] = "attachment") -> dict[str, str]:
    """Return the headers with which a browser saves a file under a name, or opens it where it is `inline` (RFC 6266; RFC 8187)."""
    safe = re.fullmatch(r"[\w.-]+", name, re.ASCII)
    named = f'filename="{name}"' if safe else f"filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": f"{disposition}; {named}"}


async def receive(request: Request) -> None:
    """Read a request's body as a file: as it is, or the part `file` of a form whose other parts are small."""
    form = request.headers.get("content-type", "").partition(";")[0].strip().lower() == "multipart/form-data"
    upload = await (_form(request) if form else _raw(request))
    request.state.upload = upload  # closed by `close`
    # By content: the boundary between a form's parts is another one in every request.
    digest = hashlib.sha256(upload.digest())
    for name, part in sorted(upload.parts.items()):
        digest.update(name.encode() + b"\0" + hashlib.sha256(part).digest())
    request.state.body_hash = digest.digest()


def close(request: Request) -> None:
    """Close the file."""
    upload: Upload | None = getattr(request.state, "upload", None)
    if upload:
        upload.file.close()


async def _raw(request: Request) -> Upload:
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 -- closed with the request
    try:
        async for piece in request.stream():
            file.write(piece)
    except BaseException:
        file.close()
        raise
    return Upload(file)


async def _form(request: Request) -> Upload:
    try:
        form = await MultiPartParser(request.headers, request.stream(), max_files=4, max_fields=16, max_part_size=64 * 1024).parse()
    except (MultiPartException, KeyError, UnicodeError) as error:  # a form may name an encoding that its fields are not in
        raise Invalid("The form could not be read.") from error
    file = form.get("file")
    parts: dict[str, bytes] = {}
    try:
        for name, value in form.multi_items():
            name.encode()
            if value is not file:
                parts[name] = await _small(value)
        if not isinstance(file, UploadFile):
            raise Invalid("The form has no part `file`.")
    except UnicodeEncodeError as error:  # half a character
        await form.close()
        raise Invalid("The form holds what is no text.") from error
    except BaseException:
        await form.close()
        raise
    return Upload(file.file, file.filename, parts)


async def _small(part: str | UploadFile) -> bytes:
    if isinstance(part, str):
        return part.encode()
    content = await part.read(IN_MEMORY + 1)
    await part.close()
    if len(content) > IN_MEMORY:
        raise Invalid("A part of the form other than `file` is too long.")
    return content


async def _upload(request: Request) -> Any:
    return request.state.upload


Uploaded = Annotated[Upload, Depends(_upload)]
"""The file that was sent."""
