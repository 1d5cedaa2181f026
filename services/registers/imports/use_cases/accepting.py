"""A file is accepted: its first entries are read, it is stored as it was sent, and it waits for the worker."""

import asyncio
from collections import abc
from contextlib import closing
from functools import partial
from itertools import islice
from typing import IO
from uuid import UUID

from services.registers.imports.domain import Format
from services.registers.imports.formats import files
from services.registers.imports.formats.entries import Options, Unreadable
from services.registers.imports.formats.mapping import Mapping, parse
from services.registers.imports.repository import imports
from services.registers.imports.repository.imports import ImportRow, NewImport
from services.registers.schools.use_cases.access import require_area
from services.registers.schools.use_cases.schools import read_school
from shared.database import Transaction
from shared.http import CallerInfo, Upload, id_in
from shared.http.uploads import shown_name
from shared.ids import new_id
from shared.problems import Forbidden, Invalid, NotFound

_ENTRIES_TRIED = 200
"""Entries that are read before a file is accepted, so that a file of the wrong kind is refused at once."""


class ImportNotFound(NotFound):
    """There is no such import."""


class FileUnreadable(Invalid):
    """The file cannot be read."""


async def accept(
    tx: Transaction, caller: CallerInfo, upload: Upload, format_: Format | None, urn: int | None, name: str | None
) -> ImportRow:
    """Store a file for import; raise Forbidden, FileUnreadable or SchoolNotFound."""
    urn = await _school(tx, caller, urn)
    mapping_text = _text(upload.parts.get("mapping"))
    try:
        mapping = parse(mapping_text)
        chosen = format_ or mapping.format or files.recognise(upload.file)
        await asyncio.to_thread(_try, chosen, upload.file, mapping, Options(urn))
    except Unreadable as refusal:
        raise FileUnreadable(str(refusal)) from None
    digest, size = upload.digest(), upload.size()
    if not size:
        raise FileUnreadable("The file is empty.")
    new = NewImport(
        id=new_id(),
        format=chosen,
        name=shown_name(name or upload.name),
        mapping=mapping_text,
        urn=urn,
        schools=sorted(caller.schools) if caller.bound else None,
        la_code=caller.la_code,
        size=size,
        sha256=digest,
        caller=caller.subject,
        made_by=caller.label,
    )
    await imports.add(tx, new, iter(partial(upload.file.read, imports.PIECE), b""))
    return await read_import(tx, new.id)


async def read_import(tx: Transaction, import_id: UUID) -> ImportRow:
    """Return an import; raise ImportNotFound."""
    found = await imports.read(tx, import_id)
    if found is None:
        raise ImportNotFound
    return found


async def own_import(tx: Transaction, caller: CallerInfo, path: abc.Mapping[str, str]) -> bool:
    """Return whether an import is the caller's own: sent for their schools alone, or by and for their authority."""
    import_id = id_in(path, "import_id")
    found = await imports.read(tx, import_id) if import_id else None
    if found is None:
        return False
    if caller.bound:
        return bool(found.schools) and caller.schools.issuperset(found.schools or ())
    if found.la_code == caller.la_code:
        return True
    return found.schools is not None and await imports.all_in_area(tx, found.schools, caller.la_code or "")


async def require_import(tx: Transaction, _caller: CallerInfo, path: abc.Mapping[str, str]) -> None:
    """Raise ImportNotFound where there is no such import: what is sent piece by piece can be refused no later."""
    if import_id := id_in(path, "import_id"):
        await read_import(tx, import_id)


async def _school(tx: Transaction, caller: CallerInfo, urn: int | None) -> int | None:
    if caller.bound and not caller.schools:
        raise Forbidden("This token is for no school.")
    if urn is None:
        return next(iter(caller.schools)) if caller.bound and len(caller.schools) == 1 else None
    if caller.bound and urn not in caller.schools:
        raise Forbidden("This token is not for that school.")
    await require_area(tx, caller, urn)
    await read_school(tx, urn)
    return urn


def _try(format_: Format, file: IO[bytes], mapping: Mapping, options: Options) -> None:
    with closing(files.read(format_, file, mapping, options)) as entries:
        for _ in islice(entries, _ENTRIES_TRIED):
            pass


def _text(mapping: bytes | None) -> str | None:
    try:
        return mapping.decode("utf-8-sig") if mapping else None
    except UnicodeDecodeError:
        raise FileUnreadable("The mapping is not UTF-8.") from None
