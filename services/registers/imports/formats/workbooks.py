"""What a workbook would unpack to, found before the library that reads it does: that one is in Rust, and ends the process where memory ends."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import IO, Any
from xml.parsers import expat

from services.registers.imports.formats.entries import Unreadable

UNPACKED = 256 * 1024 * 1024
"""Bytes that all parts of a workbook may unpack to: about 850,000 marks, which take 400 MB of memory while they are read."""
RATIO = 250
"""How many times its size a part may unpack to, once it is longer than a few megabytes."""
CELLS = 12_000_000
"""Places of a sheet, from the first to the last row and column with a cell: empty ones take memory too, 32 bytes each."""
NO_WORKBOOK = "This is not a workbook that can be read (XLSX, without a password)."
_TOO_MUCH = "The workbook unpacks to more than is taken."
_SMALL = 8 * 1024 * 1024
_PARTS = 2000
_PIECE = 1024 * 1024
_WORKBOOK = "xl/workbook.xml"
_OF_OTHER_KINDS = {"xl/workbook.bin", "content.xml"}
"""Parts of XLSB and ODS, which the library would read too."""
_CELLS_WITHIN = b"sheetData"
_PLACED = frozenset({"row", "c"})
_PLACE = re.compile(r"([A-Za-z]{0,3})([0-9]{1,7})")


def inspect(file: IO[bytes]) -> None:
    """Unpack every part in small pieces, keeping none; raise Unreadable where there is more than a school's marks can need.

    A part that lies about its length fails its checksum here.
    """
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            if len(parts) > _PARTS or sum(part.file_size for part in parts) > UNPACKED:
                raise Unreadable(_TOO_MUCH)
            for part in parts:
                if part.file_size > max(_SMALL, RATIO * part.compress_size):
                    raise Unreadable(_TOO_MUCH)
                with archive.open(part) as content:
                    is_sheet = _holds_cells(content)
                if is_sheet:
                    with archive.open(part) as content:
                        _Sheet().measure(content)
            names = {part.filename.lower() for part in parts}
            if _WORKBOOK not in names or names & _OF_OTHER_KINDS:
                raise Unreadable(NO_WORKBOOK)
    except Unreadable:
        raise
    except Exception as error:  # zipfile's, zlib's and lzma's own have no common class
        raise Unreadable(NO_WORKBOOK) from error


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    while piece := content.read(_PIECE):
        yield piece


def _holds_cells(content: IO[bytes]) -> bool:
    """Read a part to its end; tell whether it can be a sheet, whatever its name."""
    found, before = False, b""
    for piece in _pieces(content):
        found = found or _CELLS_WITHIN in before + piece
        before = piece[-len(_CELLS_WITHIN) :]
    return found


class _Sheet:
    """The last row and column of a sheet, as they are named or, where they are not, counted."""

    def __init__(self) -> None:
        self._row = self._column = self._rows = self._columns = 0

    def measure(self, content: IO[bytes]) -> None:
        """Raise Unreadable where the sheet's cells lie too far apart, or it is not XML."""
        parser: Any = expat.ParserCreate()
        parser.ordered_attributes = True
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = _refuse
        for piece in _pieces(content):
            parser.Parse(piece)
        parser.Parse(b"", True)

    def _start(self, name: str, attributes: Sequence[str]) -> None:
        if name not in _PLACED and name.rpartition(":")[2] not in _PLACED:
            return
        if name.endswith("c"):
            self._column += 1
        else:
            self._row, self._column = self._row + 1, 0
        if "r" in attributes[::2]:
            self._at(attributes[attributes[::2].index("r") * 2 + 1])
        if self._row > self._rows or self._column > self._columns:
            self._rows, self._columns = max(self._rows, self._row), max(self._columns, self._column)
            if self._rows * self._columns > CELLS:
                raise Unreadable(_TOO_MUCH)

    def _at(self, place: str) -> None:
        found = _PLACE.fullmatch(place)
        if found is None:
            raise Unreadable(NO_WORKBOOK)
        self._row = int(found[2])
        if found[1]:
            self._column = _column(found[1])


@lru_cache(1000)
def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _refuse(*_: object) -> None:
    raise Unreadable(NO_WORKBOOK)
