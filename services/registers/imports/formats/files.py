"""A file of any format: which one it is, and its entries."""

from collections.abc import Callable, Generator
from typing import IO

from services.registers.imports.domain import Format
from services.registers.imports.formats import ctf, delimited, spreadsheets, wonde
from services.registers.imports.formats.entries import Entry, Options
from services.registers.imports.formats.mapping import Mapping

_READERS: dict[Format, Callable[[IO[bytes], Mapping, Options], Generator[Entry, None, None]]] = {
    "ctf": ctf.read,
    "csv": delimited.read,
    "xlsx": spreadsheets.read,
    "wonde": wonde.read,
}


def recognise(file: IO[bytes]) -> Format:
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


def read(format_: Format, file: IO[bytes], mapping: Mapping, options: Options) -> Generator[Entry, None, None]:
    """Yield a file's entries in its own order, always the same ones for the same bytes; raise Unreadable where it cannot be read."""
    return _READERS[format_](file, mapping, options)
