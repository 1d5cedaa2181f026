"""What every test may use."""

import gc
import os
import tempfile
from collections.abc import Generator

import pytest

# Before anything reads the settings: tests have a token key of their own and no data folder of a user's.
os.environ.setdefault("ATTENDANCE_TOKEN_KEY", "tests-only-key-tests-only-key-tests-only-key")
os.environ.setdefault("ATTENDANCE_DATA", tempfile.mkdtemp(prefix="attendance-tests-"))

from shared.observability import configure_logs
from shared.runtime import tune_garbage_collector
from tests.support.services import postgres, service_databases

# As in production: the library's own way of printing a traceback, with every variable, takes half a minute.
configure_logs()

__all__ = ["postgres", "service_databases"]

pytest_plugins = ["tests.support.kafka"]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect no garbage while everything is loaded, and skip what was loaded from then on, as every service does once it has started."""
    gc.disable()
    try:
        return (yield)
    finally:
        tune_garbage_collector()
        gc.enable()
