"""The order in which the fault runner does its faults."""

import random
import threading
from collections import Counter
from itertools import islice

import pytest

from tests.chaos.faults import Faults
from tests.chaos.operators import OperatorFaults
from tests.chaos.plan import plan
from tests.chaos.running import Running


@pytest.mark.parametrize("seed", range(20))
def test_sixty_faults_of_any_seed_hold_each_kind_at_least_twice(seed, monkeypatch):
    monkeypatch.setattr("tests.journeys.product.free_base", lambda: 20000)
    product = Running()
    faults = Faults(product, seed, threading.Event(), [])
    operators = OperatorFaults(faults)
    whole, apart = [*faults.whole(small_disk=True), *operators.kinds()], faults.apart()

    sixty = islice(plan(random.Random(seed), whole, apart, {operators.long_absence: 2}), 60)

    times = Counter(fault.__name__ for _, fault in sixty)
    product.remove()
    assert min(times[fault.__name__] for fault in [*whole, *apart]) >= 2


def test_a_plan_that_knows_a_kind_twice_at_most_does_not_name_it_a_third_time():
    sixty = islice(plan(random.Random(1), ["kill", "absence"], ["part"], {"absence": 2}), 60)

    assert Counter(kind for _, kind in sixty)["absence"] == 2
