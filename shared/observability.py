"""Logs: one JSON object a line."""

import logging
import sys
from typing import Any

import structlog

from shared import failures
from shared.messaging import trace


def _traced(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    event.setdefault("trace_id", trace.trace_id())
    return event


class _WithoutValues(logging.Formatter):
    """Formats records of libraries; a failure is shown without the values it quotes."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 -- the library's name
        """Return the traceback."""
        return failures.trace(ei[1]) if ei[1] else ""


def _failure(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if isinstance(failure := event.pop("exc_info", None), BaseException):
        event["exception"] = failures.trace(failure)
    return event


def configure_logs(*, quiet: bool = False) -> None:
    """Send logs to standard error: warnings only where `quiet`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_WithoutValues("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            _traced,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _failure,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if quiet else logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
