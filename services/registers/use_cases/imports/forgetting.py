"""Files of imports are kept no longer than they are needed: they hold personal data (UK GDPR article 5(1)(e))."""

from datetime import datetime, time, timedelta

from services.registers.repository import imports
from services.registers.use_cases.law import NATIONAL
from shared import clock
from shared.database import Database

AT_ONCE = 20
"""Files that one transaction deletes."""


async def delete_files(database: Database) -> int:
    """Delete the files of imports that ended long enough ago; return how many. Marks, reports and hashes stay."""
    today = clock.today()
    kept_from = today - timedelta(days=NATIONAL.at("import_file_days", today).value)
    async with database.begin() as tx:
        return await imports.delete_files(tx, datetime.combine(kept_from, time(), clock.LONDON), today, AT_ONCE)
