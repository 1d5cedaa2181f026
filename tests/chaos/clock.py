"""`python -m tests.chaos.clock MODULE …`: a module of the product under a clock that the runner sets.

`CHAOS_CLOCK` names a file with two whole numbers, read anew at every use: by how many days the civil date is another than the machine's, and
by how many seconds the clock is wrong. Unlike with `ATTENDANCE_TODAY`, the product watches over such a clock (ADR 0027).
"""

import os
import runpy
import sys
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from shared import clock


class Moved(datetime):
    """Instants as the wrong clock shows them, and the civil date that the runner has come to."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """Return what the clock shows."""
        days, wrong = map(int, Path(os.environ["CHAOS_CLOCK"]).read_text(encoding="ascii").split())
        shown = datetime.now(tz) + timedelta(seconds=wrong)  # noqa: TID251 -- what shared/clock.py reads
        return shown + timedelta(days) if tz is clock.LONDON else shown


if __name__ == "__main__":
    setattr(clock, "datetime", Moved)  # noqa: B010 -- not a name that the module exports
    runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
