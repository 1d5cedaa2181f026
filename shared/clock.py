"""The only place that reads the clock.

The *civil date* is that of Europe/London: at 00:30 in British Summer Time it is still yesterday in UTC.
`ATTENDANCE_TODAY` moves the civil date (a date, or `@FILE` holding one, read anew at every use);
instants, token expiry and retries keep real time.
"""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def today() -> date:
    """Return the civil date in Europe/London, or the one that `ATTENDANCE_TODAY` sets."""
    fixed = os.environ.get("ATTENDANCE_TODAY")
    if not fixed:
        return datetime.now(LONDON).date()
    if fixed.startswith("@"):
        fixed = Path(fixed[1:]).read_text(encoding="ascii")
    return date.fromisoformat(fixed.strip())


def now() -> datetime:
    """Return this instant, in UTC."""
    return datetime.now(UTC)


def civil_date(instant: datetime) -> date:
    """Return the date in Europe/London of an instant with a time zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(LONDON).date()
