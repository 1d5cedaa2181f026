"""Files and reports of imports are kept no longer than they are needed: they hold personal data (UK GDPR article 5(1)(e))."""

from datetime import date, datetime, time, timedelta

from services.registers.imports.repository import imports
from services.registers.law import NATIONAL
from shared import clock
from shared.database import Database

BATCH_SIZE = 20
"""Files that one transaction deletes."""
LINES_PER_BATCH = 10_000
"""Lines of a report that one transaction deletes."""


async def delete_files(database: Database) -> int:
    """Delete the files of imports that ended long enough ago; return how many. Marks, reports and hashes stay."""
    today = clock.today()
    async with database.begin() as tx:
        return await imports.delete_files(tx, _kept_from(today, "import_file_days"), today, BATCH_SIZE)


async def delete_reports(database: Database) -> int:
    """Delete lines of the report of an import that ended long enough ago; return whether there was one. Marks, counts and hashes stay."""
    today = clock.today()
    async with database.begin() as tx:
        return await imports.delete_lines(tx, _kept_from(today, "import_report_days"), today, LINES_PER_BATCH)


def _kept_from(today: date, provision: str) -> datetime:
    return datetime.combine(today - timedelta(days=NATIONAL.at(provision, today).value), time(), clock.LONDON)
