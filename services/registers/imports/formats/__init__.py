"""Files of marks from other systems: what each format says, as entries; nothing here knows a database."""

from collections.abc import Callable, Generator
from typing import IO

from services.registers.imports.formats import ctf, delimited, spreadsheets, wonde
from services.registers.imports.formats.entries import Entry, Fault, Options, Unreadable
from services.registers.imports.formats.mapping import Mapping, MappingInvalid, parse

__all__ = ["FORMATS", "Entry", "Fault", "Mapping", "MappingInvalid", "Options", "Unreadable", "parse", "read", "recognise"]

FORMATS = ("ctf", "csv", "xlsx", "wonde")

_READERS: dict[str, Callable[[IO[bytes], Mapping, Options], Generator[Entry, None, None]]] = {
    "ctf": ctf.read,
    "csv": delimited.read,
    "xlsx": spreadsheets.read,
    "wonde": wonde.read,
}


def recognise(file: IO[bytes]) -> str:
    """Return the format that a file's first bytes show; CSV where they show no other."""
    file.seek(0)
    head = file.read(512)
    file.seek(0)
    if head.startswith(b"PK"):
        return "xlsx"
    shown = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if shown.startswith(b"<") or head.startswith((b"\xff\xfe<", b"\xfe\xff\0<")):
        return "ctf"
    return "wonde" if shown[:1] in {b"{", b"["} else "csv"


def read(format_: str, file: IO[bytes], mapping: Mapping, options: Options) -> Generator[Entry, None, None]:
    """Yield a file's entries in its own order, always the same ones for the same bytes; raise Unreadable where it cannot be read."""
    return _READERS[format_](file, mapping, options)
