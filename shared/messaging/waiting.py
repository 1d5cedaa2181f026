"""What a consumer waits for where it cannot read on: how long from one attempt to the next, and what is logged of it."""

import time
from dataclasses import dataclass

import structlog

from shared.database.errors import is_damage
from shared.messaging.log_damage import LogDamaged
from shared.messaging.readers import LATE_SECONDS

log = structlog.get_logger()

FIRST_SECONDS, MAX_SECONDS, MAX_SECONDS_OF_DAMAGE = 0.5, 5.0, 60.0
"""Of the pauses between attempts: what is away comes back by itself, and what is damaged only after an operator acts."""
LOG_SECONDS = 60.0
REPORTED_SECONDS = 6.0
"""So long after a consumer went on everybody sees it: the embedded log learns of it every three seconds, and with a look two seconds later."""

waits_for: dict[str, str] = {}
"""In this process: by consumer, what it waits for, in plain words."""


@dataclass
class Waiting:
    """The attempts of one consumer to read on."""

    consumer: str
    _pause: float = FIRST_SECONDS
    _log_at: float = 0.0
    _behind: bool = True  # what came while it did not run may have waited for long
    _found: bool = False
    _failed: bool = False

    def failed(self, error: Exception) -> float:
        """Take note of a failed attempt, log it at the first and then once a minute, and return the seconds until the next one."""
        self._behind = self._failed = True
        damaged = isinstance(error, LogDamaged) or is_damage(error)
        waits_for[self.consumer] = words = _words(error, damaged=damaged)
        now = time.monotonic()
        if now >= self._log_at:
            self._log_at = now + LOG_SECONDS
            log.warning("consumer waits", consumer=self.consumer, waits_for=words, error=type(error).__name__)
        pause, most = self._pause, MAX_SECONDS_OF_DAMAGE if damaged else MAX_SECONDS
        self._pause = min(pause * 2, most)
        return min(pause, most)

    def succeeded(self) -> None:
        """Take note that reading goes on."""
        if waits_for.pop(self.consumer, None):
            log.info("consumer goes on", consumer=self.consumer)
            self._pause, self._log_at = FIRST_SECONDS, 0.0

    def has_caught_up(self, *, found: bool, took: float) -> bool:
        """Take note of a round that found events or none, and took so many seconds; return whether the consumer has just caught up.

        It was behind when it began, while it could not read, and after a round of more than a minute. Once it can read again nothing may be
        left to be found, or not yet: that counts, and what is found then does once more.
        """
        if took > LATE_SECONDS:
            self._behind = True
        caught_up = self._behind and not found and (self._found or self._failed)
        if caught_up and self._found:
            self._behind = False
        self._found, self._failed = found, self._failed and found
        return caught_up


def _words(error: Exception, *, damaged: bool) -> str:
    if not damaged:
        return "The broker or a database does not answer. Work goes on by itself when it does."
    what = str(error) if isinstance(error, LogDamaged) else "a table of it is missing or cannot be read"
    return f"The log of events or a database is damaged: {what}. `attendance doctor` names it; `attendance log reset` makes a log anew."
