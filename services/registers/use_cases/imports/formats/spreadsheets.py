"""XLSX exports, one sheet of them. What unpacks to more than it should is refused before anything reads it."""

import zipfile
from collections.abc import Generator
from typing import IO

from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

from services.registers.use_cases.imports.formats.entries import Entry, Options, Unreadable
from services.registers.use_cases.imports.formats.mapping import Mapping
from services.registers.use_cases.imports.formats.rows import Rows, text

UNPACKED = 256 * 1024 * 1024
"""Bytes that all parts of a workbook may unpack to: about 850,000 marks, which take 400 MB of memory while they are read."""
RATIO = 250
"""How many times its size a part may unpack to, once it is longer than a few megabytes."""
_SMALL = 8 * 1024 * 1024
_PARTS = 2000
_PIECE = 1024 * 1024
_NO_WORKBOOK = "This is not a workbook that can be read (XLSX, without a password)."


def read(file: IO[bytes], mapping: Mapping, options: Options) -> Generator[Entry, None, None]:
    """Yield what a sheet says, row by row: the one that the mapping names, or the first."""
    inspect(file)
    file.seek(0)
    try:
        with CalamineWorkbook.from_filelike(file) as workbook:
            sheet = workbook.get_sheet_by_name(mapping.sheet) if mapping.sheet else workbook.get_sheet_by_index(0)
            table: Rows | None = None
            for number, row in enumerate(sheet.iter_rows(), start=1):
                if table is not None:
                    yield from table.read([text(cell) for cell in row], number)
                elif number == mapping.header_row:
                    table = Rows([text(cell) for cell in row], mapping, options)
    except WorksheetNotFound as error:
        raise Unreadable("The workbook has no sheet of that name.") from error
    except CalamineError as error:
        raise Unreadable(_NO_WORKBOOK) from error
    except BaseException as error:
        # What the library in Rust did not foresee comes as a BaseException, which would take the worker down.
        if type(error).__name__ == "PanicException":
            raise Unreadable(_NO_WORKBOOK) from error
        raise
    if table is None:
        raise Unreadable("There is no row with the titles of the columns.")


def inspect(file: IO[bytes]) -> None:
    """Unpack every part in small pieces, keeping none; raise Unreadable where there is more than a school's marks can need.

    A part that lies about its length fails its checksum here.
    """
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            if len(parts) > _PARTS or sum(part.file_size for part in parts) > UNPACKED:
                raise Unreadable("The workbook unpacks to more than is taken.")
            for part in parts:
                if part.file_size > max(_SMALL, RATIO * part.compress_size):
                    raise Unreadable("The workbook unpacks to more than is taken.")
                with archive.open(part) as content:
                    while content.read(_PIECE):
                        pass
    except Unreadable:
        raise
    except Exception as error:  # zipfile's, zlib's and lzma's own have no common class
        raise Unreadable(_NO_WORKBOOK) from error
