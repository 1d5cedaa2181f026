"""Logs (one JSON object a line, or plain for people) and the gauges that operations watch."""

import logging
import sys

import structlog
from prometheus_client import Gauge

from shared.messaging import trace

UNPUBLISHED = Gauge("outbox_unpublished", "Events stored and not yet published", ["service"])
DEAD = Gauge("dead_letters_open", "Events that failed or wait behind one that did", ["service"])


def _traced(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    event.setdefault("trace_id", trace.trace_id())
    return event


def configure_logs(*, quiet: bool = False) -> None:
    """Send logs to standard error: warnings only where `quiet`."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s", force=True)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            _traced,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if quiet else logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
