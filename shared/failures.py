"""What logs may hold of a failure: what it was and where, never the values it quotes.

An error's text repeats what it was given: PostgreSQL's a whole row of a child's data (`DETAIL: Failing row contains …`), a parser's
the piece it stumbled over. Logs and dead letters are read by people who have no business with either.
"""

import traceback
from collections.abc import Iterator

from pydantic import ValidationError

from shared.problems import Problem

_DATABASE_WORDS = ("sqlstate", "table_name", "column_name", "constraint_name")


def describe(failure: BaseException) -> str:
    """Return one line about a failure: its class, and of its content what names columns and fields, never their values."""
    name = type(failure).__name__
    if isinstance(failure, Problem):
        return f"{name}: {failure}"
    if isinstance(failure, ValidationError):
        wrong = (f"{'.'.join(map(str, each['loc']))} {each['type']}" for each in failure.errors(include_input=False, include_context=False))
        return f"{name}: {failure.title}: {', '.join(wrong)}"
    for each in _carriers(failure):
        if found := [str(value) for word in _DATABASE_WORDS if (value := getattr(each, word, None))]:
            return f"{name}: {' '.join(found)}"
    return f"{name}{_location(failure)}"


def trace(failure: BaseException) -> str:
    """Return the failure's traceback and those of what caused it, the cause first, each described by `describe`."""
    parts: list[str] = []
    each: BaseException | None = failure
    while each is not None and len(parts) < 10:
        parts.append("".join(traceback.format_tb(each.__traceback__)) + describe(each))
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return "\nwhich led to\n".join(reversed(parts))


def _location(failure: BaseException) -> str:
    """Return where in the product it happened, as far as its traceback shows."""
    frames = traceback.extract_tb(failure.__traceback__)
    ours = [frame for frame in frames if "/services/" in frame.filename or "/shared/" in frame.filename]
    return f" in {ours[-1].name}, line {ours[-1].lineno}" if ours else ""


def _carriers(failure: BaseException) -> Iterator[BaseException]:
    """Give the driver's own error first, where there is one: it knows the constraint."""
    wrapped = getattr(failure, "orig", None)
    if isinstance(wrapped, BaseException):
        if wrapped.__cause__ is not None:
            yield wrapped.__cause__
        yield wrapped
    yield failure
