"""XLSX exports, one sheet of them. What unpacks to more than it should is refused before anything reads it."""

from collections.abc import Generator
from typing import IO

from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

from services.registers.imports.formats.entries import Entry, Options, Unreadable
from services.registers.imports.formats.mapping import Mapping
from services.registers.imports.formats.rows import Rows, text
from services.registers.imports.formats.workbooks import NO_WORKBOOK, inspect


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
        raise Unreadable(NO_WORKBOOK) from error
    except BaseException as error:
        # What the library in Rust did not foresee comes as a BaseException, which would take the worker down.
        if type(error).__name__ == "PanicException":
            raise Unreadable(NO_WORKBOOK) from error
        raise
    if table is None:
        raise Unreadable("There is no row with the titles of the columns.")
