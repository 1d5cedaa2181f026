"""A file of any format: which one it is, and its entries."""

import re
from collections.abc import Callable, Generator
from typing import IO

from services.registers.imports.domain import Format
from services.registers.imports.formats import ctf, delimited, spreadsheets, wonde
from services.registers.imports.formats.entries import CalendarNeeded, Entry, Options, Unreadable
from services.registers.imports.formats.mapping import Mapping

_READERS: dict[Format, Callable[[IO[bytes], Mapping, Options], Generator[Entry | CalendarNeeded, None, None]]] = {
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


_SAVE = "Open it in a spreadsheet program, save it as .xlsx or as CSV, and send that."
_OTHERS = (
    (b"\xd0\xcf\x11\xe0", f"This is a workbook of Excel 97 to 2003 (.xls), or one with a password, whatever its name says. {_SAVE}"),
    (b"%PDF", "This is a PDF, whatever its name says. Ask for the marks as a Common Transfer File, CSV or .xlsx."),
    (b"{\\rtf", "This is a text document, whatever its name says. Ask for the marks as a Common Transfer File, CSV or .xlsx."),
    *((magic, "This is a compressed file. Unpack it, and send what is in it.") for magic in (b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!")),
)
_MARKUP = re.compile(r"\s*(?>(?:<\?.*?\?>|<!--.*?-->)\s*)*+<!?(?:\w+:)?(?P<name>[\w-]+)(?P<rest>[^>]*)", re.DOTALL)
_HTML = frozenset({"html", "head", "body", "table", "meta", "style", "script", "div", "center", "tr", "title"})


def why_not(file: IO[bytes]) -> str | None:
    """Return why a file is not read, where its first bytes show that it belong to another kind of file, and what to do."""
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    if found := next((sentence for magic, sentence in _OTHERS if head.startswith(magic)), None):
        return found
    text = head.decode("utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig", errors="replace")
    markup = _MARKUP.match(text)
    if markup is None:
        return None
    name, rest = markup["name"].casefold(), markup["rest"].casefold()
    if name in _HTML or (name == "doctype" and rest.split()[:1] == ["html"]):
        return f"This is a web page (an HTML table), whatever its name says. {_SAVE}"
    return f"This is a workbook in the XML of Excel 2003, whatever its name says. {_SAVE}" if name == "workbook" else None


def read(format_: Format, file: IO[bytes], mapping: Mapping, options: Options) -> Generator[Entry | CalendarNeeded, None, None]:
    """Yield a file's entries in its own order, always the same ones for the same bytes; raise Unreadable where it cannot be read."""
    if sentence := why_not(file):
        raise Unreadable(sentence)
    yield from _READERS[format_](file, mapping, options)
