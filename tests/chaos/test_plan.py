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
    whole, once, apart = [*faults.whole(small_disk=True), *operators.kinds()], operators.once(), faults.apart()

    sixty = islice(plan(random.Random(seed), [*whole, *once], apart, dict.fromkeys(once, 1)), 60)

    times = Counter(fault.__name__ for _, fault in sixty)
    product.remove()
    assert min(times[fault.__name__] for fault in [*whole, *apart]) >= 2
    assert [times[fault.__name__] for fault in once] == [1, 1]


@pytest.mark.parametrize("seed", range(20))
def test_the_first_thirty_eight_faults_of_any_seed_hold_both_absences_and_all_else(seed, monkeypatch):
    monkeypatch.setattr("tests.journeys.product.free_base", lambda: 20000)
    product = Running()
    faults = Faults(product, seed, threading.Event(), [])
    operators = OperatorFaults(faults)
    once, apart = operators.once(), faults.apart()
    whole = [*faults.whole(small_disk=True), *operators.kinds(), *once]

    first = islice(plan(random.Random(seed), whole, apart, dict.fromkeys(once, 1)), 38)

    names = {fault.__name__ for _, fault in first}
    product.remove()
    assert names == {fault.__name__ for fault in [*whole, *apart]}
    assert {"forty_days_off", "fifty_days_off"} < names


def test_a_plan_that_knows_a_kind_twice_at_most_does_not_name_it_a_third_time():
    sixty = islice(plan(random.Random(1), ["kill", "absence"], ["part"], {"absence": 2}), 60)

    assert Counter(kind for _, kind in sixty)["absence"] == 2


def test_a_plan_of_nothing_but_what_comes_once_ends():
    assert [kind for _, kind in plan(random.Random(1), ["absence"], [], {"absence": 1})] == ["absence"]
