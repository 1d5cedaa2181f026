"""Cells as text. Run as a program, this file reads a workbook from its standard input and prints its rows, each a list in JSON.

The library that reads workbooks is written in Rust and aborts its process when memory runs out. So it has a process of its own, with a limit
on memory, which imports nothing else of the product.
"""

import json
import resource
import sys
from datetime import date, datetime

MEMORY = 1024 * 1024 * 1024
"""Bytes of address space: about 850,000 marks take 400 MB of it."""
COLUMNS = 16_384
"""A sheet that a spreadsheet can open has no more."""
NO_SUCH_SHEET, NO_WORKBOOK = 3, 4
"""How the program ends where it cannot read the file."""


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


def main(sheet: str | None = None) -> int:
    """Print the rows of a sheet, or of the first one; return how the program ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

    try:
        with CalamineWorkbook.from_filelike(sys.stdin.buffer) as workbook:
            found = workbook.get_sheet_by_name(sheet) if sheet else workbook.get_sheet_by_index(0)
            if found.total_width > COLUMNS:
                return NO_WORKBOOK
            for row in found.iter_rows():
                sys.stdout.write(json.dumps([text(cell) for cell in row]) + "\n")
    except WorksheetNotFound:
        return NO_SUCH_SHEET
    except CalamineError:
        return NO_WORKBOOK
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
