"""CSV exports: whatever encoding, separator and line ends the exporting system used."""

import codecs
import csv
import io
from collections.abc import Generator
from typing import IO

from services.registers.imports.formats.entries import Entry, Options, Unreadable
from services.registers.imports.formats.grids import reader_of
from services.registers.imports.formats.mapping import Mapping
from services.registers.imports.formats.rows import read_rows

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_PIECE = 256 * 1024
_TITLES = 64 * 1024


def read(file: IO[bytes], mapping: Mapping, options: Options) -> Generator[Entry, None, None]:
    """Yield the entries of a CSV file, line by line; a quoted line break does not end a line."""
    encoding = mapping.encoding or _encoding(file)
    try:
        delimiter = mapping.delimiter or _delimiter(file, encoding, mapping.header_row)
        yield from _lines(file, encoding, delimiter, mapping, options)
    except UnicodeError as error:
        raise Unreadable("The file is not in the encoding that the mapping names.") from error


def _lines(file: IO[bytes], encoding: str, delimiter: str, mapping: Mapping, options: Options) -> Generator[Entry, None, None]:
    file.seek(0)
    wrapped = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    rows = csv.reader(wrapped, delimiter=delimiter)
    try:
        lines = ((rows.line_num, row) for row in rows)
        yield from read_rows(lines, mapping.last_heading, reader_of(mapping, options, typed=False))
    except csv.Error as error:
        raise Unreadable(f"Line {rows.line_num} cannot be read as CSV.") from error
    finally:
        wrapped.detach()


def _encoding(file: IO[bytes]) -> str:
    file.seek(0)
    head = file.read(4)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while piece := file.read(_PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _delimiter(file: IO[bytes], encoding: str, header_row: int) -> str:
    file.seek(0)
    lines = file.read(_TITLES).decode(encoding, errors="replace").splitlines()
    titles = lines[header_row - 1] if len(lines) >= header_row else ""
    return max(",;\t|", key=titles.count)
