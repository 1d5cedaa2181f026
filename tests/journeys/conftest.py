"""Every test in this folder is a journey: it starts the whole product."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.product import Embedded


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies in this folder, which `make test` leaves out of its first part."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("journey")


@pytest.fixture
def product() -> Iterator[Embedded]:
    """Give the product with its embedded default, running, on a Monday of the first term."""
    made = Embedded()
    made.today("2026-09-21")
    made.start()
    yield made
    made.remove()
