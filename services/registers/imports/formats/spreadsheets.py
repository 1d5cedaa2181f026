"""XLSX exports, one sheet of them, read by a process of its own (`cells.py`), which ends where a workbook needs too much memory."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Generator
from tempfile import TemporaryFile
from typing import IO

import orjson

from services.registers.imports.formats import cells
from services.registers.imports.formats.entries import Entry, Options, Unreadable
from services.registers.imports.formats.grids import reader_of
from services.registers.imports.formats.mapping import Mapping
from services.registers.imports.formats.rows import read_rows

_TOO_MUCH = "The workbook unpacks to more than is taken."
_NO_WORKBOOK = "This is not a workbook that can be read (XLSX, without a password)."
_REFUSALS = {
    cells.NO_SUCH_SHEET: "The workbook has no sheet of that name.",
    cells.TOO_MUCH: _TOO_MUCH,
    -signal.SIGABRT: _TOO_MUCH,  # the library in Rust has asked for more memory than there is
    -signal.SIGKILL: _TOO_MUCH,  # the system has run out of memory
}


def read(file: IO[bytes], mapping: Mapping, options: Options) -> Generator[Entry, None, None]:
    """Yield what a sheet holds, row by row: the one that the mapping names, or the first."""
    rows = enumerate(_rows(file, mapping.sheet), start=1)
    yield from read_rows(rows, mapping.last_heading, reader_of(mapping, options, typed=True))


def _rows(file: IO[bytes], sheet: str | None) -> Generator[list[str], None, None]:
    file.seek(0)
    with TemporaryFile() as copy:
        shutil.copyfileobj(file, copy)
        copy.seek(0)
        program = [sys.executable, "-I", cells.__file__, *([sheet] if sheet else [])]
        # In a process group of its own: what stops the product from the keyboard is no fault of the workbook.
        with subprocess.Popen(  # noqa: S603 -- this product's own
            program, stdin=copy, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, process_group=0
        ) as process:
            assert process.stdout is not None  # noqa: S101 -- a pipe
            try:
                # Half a line is what a process leaves that is stopped.
                yield from (orjson.loads(line) for line in process.stdout if line.endswith(b"\n"))
                process.wait()
            finally:
                process.kill()
    if process.returncode < 0 and process.returncode not in _REFUSALS:
        raise InterruptedError("the process that reads workbooks was stopped")  # transient: the import goes on later
    if process.returncode:
        raise Unreadable(_REFUSALS.get(process.returncode, _NO_WORKBOOK))
