"""The journey over the embedded default: undisturbed, and with the whole product or its database killed at every point."""

import os
import signal

import pytest

from tests.journeys.journey import END_STATE, Journey, end_state, lost_or_doubled
from tests.journeys.product import Embedded, eventually

pytestmark = pytest.mark.journey


@pytest.fixture
def product():
    made = Embedded()
    made.today("2026-09-21")
    made.start()
    yield made
    made.forget()


def test_a_register_becomes_a_court_file(product):
    journey = Journey(product)

    journey.run()

    assert end_state(journey) == END_STATE
    eventually("everything said is handled", lambda: not lost_or_doubled(product))
    assert product.stop() == {"up": 0}


def test_killing_everything_at_any_point_ends_in_the_same_state(product):
    points = []

    def kill(point):
        points.append(point)
        # The server outlives the product and is joined again; every third time it is killed too.
        victims = [product.postmaster()] if len(points) % 3 == 0 else []
        product.processes["up"].kill()
        for victim in victims:
            os.kill(victim, signal.SIGKILL)
        product.revive("up")

    journey = Journey(product, kill)

    journey.run()

    assert len(points) >= 10
    assert end_state(journey) == END_STATE
    eventually(f"everything said is handled once: {lost_or_doubled(product)}", lambda: not lost_or_doubled(product))
    assert product.stop() == {"up": 0}
