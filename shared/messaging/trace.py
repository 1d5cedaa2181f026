"""What caused what: the trace and the event that a piece of work belongs to."""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_trace: ContextVar[str | None] = ContextVar("trace", default=None)
_cause: ContextVar[str | None] = ContextVar("cause", default=None)
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


def trace_id() -> str:
    """Return the id of the present trace, a new one where there is none."""
    return _trace.get() or secrets.token_hex(16)


@contextmanager
def within(traceparent: str | None, cause: str | None = None) -> Iterator[str]:
    """Do a piece of work as part of a trace, a new one where there is none; yield its id."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    trace = found[1] if found else secrets.token_hex(16)
    trace_token, cause_token = _trace.set(trace), _cause.set(cause)
    try:
        yield trace
    finally:
        _trace.reset(trace_token)
        _cause.reset(cause_token)


def headers() -> Mapping[str, str]:
    """Return the headers that tie an event to what caused it."""
    found = {"traceparent": f"00-{trace_id()}-{secrets.token_hex(8)}-01"}
    if cause := _cause.get():
        found["ce_causationid"] = cause
    return found
