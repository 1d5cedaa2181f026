"""The bugs that are planted for the fault runner replace what the product has."""

import threading

import pytest

from tests.chaos import planted
from tests.chaos.faults import Faults
from tests.chaos.operators import OperatorFaults
from tests.chaos.running import Running


@pytest.mark.parametrize("bug", planted.PLANTED)
def test_a_planted_bug_replaces_something_that_the_product_has(bug, monkeypatch):
    replaced = []
    monkeypatch.setattr(planted, "_replace", lambda owner, name, _: replaced.append(getattr(owner, name)))

    planted.PLANTED[bug]()

    assert replaced


def test_every_planted_bug_names_the_faults_that_bring_it_out():
    product = Running()
    faults = Faults(product, 1, threading.Event(), [])

    kinds = {fault.__name__ for fault in [*faults.whole(small_disk=True), *OperatorFaults(faults).kinds(), *faults.apart()]}
    product.remove()

    assert planted.SHOWN_BY.keys() == planted.PLANTED.keys()
    assert {each for shown in planted.SHOWN_BY.values() for each in shown} <= kinds
