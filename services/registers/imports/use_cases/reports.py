"""What came of an import: its state, the lines refused, and its progress as it happens."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from uuid import UUID

from services.registers.imports.repository import imports
from services.registers.imports.repository.imports import ImportRow, ReportLine
from services.registers.imports.use_cases.accepting import read_import
from shared.database import Database, Transaction
from shared.database.paging import Listed, PageQuery
from shared.http import CallerInfo

_POLL_INTERVAL = 0.25
_LONGEST = 3600.0
"""Seconds; whoever still wants to know then asks again."""
_COLUMNS = ("line", "school", "upn", "date", "session", "code", "reason", "quarantined", "stored")


async def read_imports(tx: Transaction, caller: CallerInfo, page: PageQuery, urn: int | None) -> Listed[ImportRow]:
    """Return the imports that the caller may see, the latest first; those sent for one school, where it is named."""
    return await imports.import_page(tx, page, sorted(caller.schools) if caller.bound else None, caller.la_code, urn)


async def read_report(tx: Transaction, import_id: UUID, page: PageQuery) -> Listed[ReportLine]:
    """Return the lines that were refused, or about which something is noted, in the file's order."""
    return await imports.report_page(tx, import_id, page)


async def follow(database: Database, import_id: UUID, stopping: asyncio.Event) -> AsyncIterator[ImportRow]:
    """Yield an import whenever it has changed, until it has ended or the process is to stop."""
    seen: ImportRow | None = None
    for _ in range(int(_LONGEST / _POLL_INTERVAL)):
        async with database.begin() as tx:
            found = await read_import(tx, import_id)
        if found != seen:
            yield found
        if found.state in {"done", "failed"} or stopping.is_set():
            return
        seen = found
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), _POLL_INTERVAL)


async def write_report(database: Database, import_id: UUID) -> AsyncIterator[str]:
    """Yield the report as CSV, page by page."""
    yield _csv([["kept_apart" if name == "quarantined" else name for name in _COLUMNS]])
    after = 0
    while True:
        async with database.begin() as tx:
            rows = await imports.report(tx, import_id, after, 1000)
        if not rows:
            return
        yield _csv([[_harmless(str(getattr(row, name))) for name in _COLUMNS] for row in rows])
        after = rows[-1].number


def _csv(rows: Sequence[Sequence[str]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()


def _harmless(text: str) -> str:
    # A spreadsheet would take such a cell for a formula, and this text comes from whoever made the file.
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
