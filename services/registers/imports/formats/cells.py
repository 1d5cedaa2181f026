"""Cells as text. Run as a program, this file reads a workbook from its standard input and prints its rows, each a list in JSON.

The library that reads workbooks is written in Rust and aborts its process when memory runs out. So it has a process of its own, with a limit
on memory, which imports nothing else of the product.
"""

import json
import resource
import signal
import sys
import zipfile
from datetime import date, datetime

from python_calamine import CalamineWorkbook, WorksheetNotFound

MEMORY = 1024 * 1024 * 1024
"""Bytes of address space: about 850,000 marks take 400 MB of it."""
UNPACKED = 256 * 1024 * 1024
"""Bytes that all parts of a workbook may unpack to: about 850,000 marks."""
RATIO = 250
"""How many times its size a part may unpack to, once it is longer than a few megabytes."""
COLUMNS = 16_384
"""A sheet that a spreadsheet can open has no more."""
NO_SUCH_SHEET, NO_WORKBOOK, TOO_MUCH = 3, 4, 5
"""How the program ends where it cannot read the file."""
_SMALL = 8 * 1024 * 1024
_WORKBOOK = "xl/workbook.xml"
_OF_OTHER_KINDS = {"xl/workbook.bin", "content.xml"}
"""Parts of XLSB and ODS, which the library would read too."""


def text(value: object) -> str:
    """Return a cell as text: whole numbers without their point, dates as ISO."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def check_parts() -> int:
    """Return how the program ends where the file's directory names no workbook, or parts that are too long; 0 where it is read on."""
    with zipfile.ZipFile(sys.stdin.buffer) as archive:
        parts = archive.infolist()
    sys.stdin.buffer.seek(0)
    if sum(part.file_size for part in parts) > UNPACKED or any(part.file_size > max(_SMALL, RATIO * part.compress_size) for part in parts):
        return TOO_MUCH
    names = {part.filename.lower() for part in parts}
    return 0 if _WORKBOOK in names and not names & _OF_OTHER_KINDS else NO_WORKBOOK


def print_rows(sheet: str | None) -> int:
    """Print the rows of a sheet, or of the first one; return how the program ends."""
    with CalamineWorkbook.from_filelike(sys.stdin.buffer) as workbook:
        found = workbook.get_sheet_by_name(sheet) if sheet else workbook.get_sheet_by_index(0)
        if found.total_width > COLUMNS:
            return NO_WORKBOOK
        for row in found.iter_rows():
            sys.stdout.write(json.dumps([text(cell) for cell in row]) + "\n")
    return 0


def main(sheet: str | None = None) -> int:
    """Check the workbook and print its rows; return how the program ends."""
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.SIG_DFL)  # a shell in the background has its processes ignore the first
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        return check_parts() or print_rows(sheet)
    except WorksheetNotFound:
        return NO_SUCH_SHEET
    except MemoryError:
        return TOO_MUCH


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
