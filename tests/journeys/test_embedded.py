"""The journey over the embedded default: undisturbed, and with the whole product or its database killed at every point."""

import os
import signal
import time

from tests.benchmarks.idle import SETTLE_SECONDS, transactions_so_far
from tests.journeys.journey import END_STATE, Journey, end_state, lost_or_doubled
from tests.journeys.product import eventually

MEASURED_SECONDS = 20
MOST_TRANSACTIONS_PER_SECOND = 20
"""Half as many are looks at quiet tables; loops that do not rest are hundreds."""


def test_a_register_becomes_a_court_file(product):
    journey = Journey(product)

    journey.run()

    assert end_state(journey) == END_STATE
    eventually("every published event is handled", lambda: not lost_or_doubled(product))
    assert product.stop() == {"up": 0}


def test_a_product_on_which_nobody_works_opens_few_transactions(product):
    time.sleep(SETTLE_SECONDS)
    before = transactions_so_far(product)

    time.sleep(MEASURED_SECONDS)

    assert transactions_so_far(product) - before < MOST_TRANSACTIONS_PER_SECOND * MEASURED_SECONDS
    assert product.stop() == {"up": 0}


def test_killing_everything_at_any_point_ends_in_the_same_state(product):
    points: list[tuple[str, str]] = []

    def kill(point):
        # In turn: the product (its database server outlives it and is joined again), the database server, both.
        victim = ("product", "database", "both")[len(points) % 3]
        points.append((point, victim))
        postmaster = product.postmaster()
        if victim in {"product", "both"}:
            product.processes["up"].kill()
        if victim in {"database", "both"}:
            os.kill(postmaster, signal.SIGKILL)
        if victim in {"product", "both"}:
            product.revive("up")
        else:
            eventually("the database server is started again", lambda: product.postmaster() != postmaster)

    journey = Journey(product, kill)

    journey.run()

    assert len(points) >= 10
    assert end_state(journey) == END_STATE
    eventually(f"every published event is handled once: {lost_or_doubled(product)}", lambda: not lost_or_doubled(product))
    assert product.stop() == {"up": 0}
