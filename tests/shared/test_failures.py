"""A failure is described by what it was and where, and never by what it quotes."""

import logging
import re
from datetime import date

import pytest
import structlog
from pydantic import BaseModel, ValidationError

from shared import failures
from shared.observability import configure_logs
from shared.problems import Conflict


class NoticeAlreadyPaid(Conflict):
    """The notice has been paid."""


class Born(BaseModel):
    on: date


def caught(kind: type[Exception] = KeyError) -> Exception:
    """Return a failure that names a child, caused by another that does."""
    try:
        try:
            raise ValueError("Ada Example was born on 2014-02-30")
        except ValueError as cause:
            raise kind("Ada Example") from cause
    except kind as failure:
        return failure


def test_a_failure_is_described_by_its_class_and_line():
    assert re.fullmatch(r"KeyError in caught, line \d+", failures.describe(caught()))


def test_a_trace_shows_every_cause_with_its_lines_the_first_cause_first():
    described = failures.trace(caught())

    assert described.index("ValueError") < described.index("which led to") < described.index("KeyError")
    assert "test_failures.py" in described
    assert "was born on 2014-02-30" not in described.replace('raise ValueError("Ada Example was born on 2014-02-30")', "")


def test_a_problem_is_described_by_its_own_text():
    assert failures.describe(NoticeAlreadyPaid("Paid on 2026-12-08.")) == "NoticeAlreadyPaid: Paid on 2026-12-08."


def test_a_body_of_the_wrong_shape_is_described_by_its_fields():
    with pytest.raises(ValidationError) as wrong:
        Born.model_validate({"on": "Ada Example"})

    assert failures.describe(wrong.value) == "ValidationError: Born: on date_from_datetime_parsing"


def test_neither_our_logs_nor_those_of_libraries_quote_a_failure(capsys: pytest.CaptureFixture[str]):
    handlers, level = logging.root.handlers[:], logging.root.level
    failure = ValueError("Ada Example")
    try:
        configure_logs()
        structlog.get_logger().error("request failed", exc_info=failure)
        logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=failure)
    finally:
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)
        structlog.reset_defaults()

    logged = capsys.readouterr().err
    assert logged.count("ValueError") == 2
    assert "Ada" not in logged
