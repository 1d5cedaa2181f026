"""The journey over a real Kafka, every service its own processes: undisturbed, and with one process killed at every point."""

import itertools
import os
import signal

import pytest

from shared.settings import SERVICES
from tests.journeys.journey import END_STATE, Journey, end_state, lost_or_doubled
from tests.journeys.product import Separate, eventually

pytestmark = pytest.mark.kafka


@pytest.fixture
def product(empty_kafka):
    made = Separate(empty_kafka.bootstrap)
    made.today("2026-09-21")
    made.start()
    yield made
    made.remove()


def test_a_register_becomes_a_court_file(product):
    journey = Journey(product)

    journey.run()

    assert end_state(journey) == END_STATE
    eventually("every published event is handled", lambda: not lost_or_doubled(product))
    assert set(product.stop().values()) == {0}


def test_killing_any_one_process_at_any_point_ends_in_the_same_state(product, empty_kafka):
    services = [f"{service}-{part}" for part in ("worker", "api") for service in SERVICES]
    victims = itertools.cycle([*services[:3], "kafka", *services[3:6], "postgres", *services[6:], "pay", "notify"])
    killed: list[tuple[str, str]] = []

    def kill(point):
        victim = next(victims)
        killed.append((point, victim))
        if victim == "kafka":
            empty_kafka.kill()
            empty_kafka.start()
        elif victim == "postgres":
            os.kill(product.postgres.pid(), signal.SIGKILL)
            eventually("the database server runs again", product.postgres.revive)
        else:
            product.processes[victim].kill()
            product.revive(victim)

    journey = Journey(product, kill)

    journey.run()

    assert len({victim for _, victim in killed}) >= 14
    assert end_state(journey) == END_STATE
    eventually(f"every published event is handled once: {lost_or_doubled(product)}", lambda: not lost_or_doubled(product))
