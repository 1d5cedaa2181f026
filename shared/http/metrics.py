"""A service's figures: those of this process, and those that its database holds, read when they are asked for."""

import asyncio
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from shared.database import Database, is_transient
from shared.invariants import Checked, read_checks
from shared.messaging.backlog import Backlog, FailedAttempts, read_backlog, read_failed_attempts

LONGEST_WAIT = 1.5
"""Seconds for the database to answer: whoever collects figures of many services waits for none."""
GAUGES = (
    ("outbox_unpublished", "Events still to be published", "unpublished"),
    ("outbox_oldest_seconds", "Age of the oldest event still to be published", "unpublished_seconds"),
    ("dead_letters_open", "Events that failed for good and await an operator", "failed"),
    ("dead_letters_waiting", "Events that wait behind a dead letter", "waiting"),
    ("dead_letters_oldest_seconds", "Age of the oldest dead letter that is not resolved", "dead_letter_seconds"),
    ("due_work_parked", "Due work that failed so often that it awaits an operator", "parked"),
    ("due_work_parked_oldest_seconds", "Age of the oldest parked due work", "parked_seconds"),
    ("due_work_paused_seconds", "How long due work waits for the clock or for an operator", "paused_seconds"),
    ("due_work_failing", "Due work that failed and is tried again", "failing"),
)
"""The name of each gauge, what it counts, and the field of `Backlog` that it shows."""
READER_GAUGES = (
    ("reader_unread_events", "Events of a topic that a reader has not read", "events"),
    ("reader_unread_seconds", "Age of the oldest of them", "seconds"),
    ("reader_seen_seconds", "How long ago that was looked up", "seen_seconds"),
    ("reader_kept_seconds", "Seconds until the broker deletes the oldest of them, read or not", "kept_seconds"),
)
"""The name of each gauge of a reader of a topic, what it counts, and the field of `TopicReader` that it shows; none where that is None."""


class _Stored(Collector):
    """Gives the figures of a service's database, as they were read a moment ago."""

    def __init__(self, service: str, backlog: Backlog, failed: list[FailedAttempts], checks: list[Checked]) -> None:
        self._service, self._backlog, self._failed, self._checks = service, backlog, failed, checks

    def collect(self) -> Iterator[Metric]:
        """Yield every figure."""
        for name, help_text, field in GAUGES:
            gauge = GaugeMetricFamily(name, help_text, labels=["service"])
            gauge.add_metric([self._service], float(getattr(self._backlog, field)))
            yield gauge
        for name, help_text, field in READER_GAUGES:
            gauge = GaugeMetricFamily(name, help_text, labels=["service", "reader", "topic"])
            for reader in self._backlog.readers:
                if (shown := getattr(reader, field)) is not None:
                    gauge.add_metric([self._service, reader.reader, reader.topic], float(shown))
            yield gauge
        attempts = CounterMetricFamily("due_work_failed_attempts", "Attempts of due work that failed", labels=["service", "job"])
        for each in self._failed:
            attempts.add_metric([self._service, each.job], each.attempts)
        yield attempts
        labels = ["service", "state"]
        broken = GaugeMetricFamily("invariant_broken", "How much is in a state that must never exist", labels=labels)
        age = GaugeMetricFamily("invariant_checked_seconds", "How long ago that was looked for", labels=labels)
        for check in self._checks:
            broken.add_metric([self._service, check.state], check.broken)
            age.add_metric([self._service, check.state], float(check.seconds))
        yield from (broken, age)


async def read_metrics(service: str, database: Database) -> bytes:
    """Return the figures in Prometheus' format; those of the database are left out while it does not answer."""
    own = generate_latest()
    try:
        async with asyncio.timeout(LONGEST_WAIT), database.begin() as tx:
            stored = _Stored(service, await read_backlog(tx), await read_failed_attempts(tx), await read_checks(tx))
    except Exception as error:
        if not is_transient(error):
            raise
        return own
    registry = CollectorRegistry()
    registry.register(stored)
    return own + generate_latest(registry)
