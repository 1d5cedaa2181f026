"""The bugs that are planted for the fault runner replace what the product has."""

import pytest

from tests.chaos import planted


@pytest.mark.parametrize("bug", planted.PLANTED)
def test_a_planted_bug_replaces_something_that_the_product_has(bug, monkeypatch):
    replaced = []
    monkeypatch.setattr(planted, "_replace", lambda owner, name, _: replaced.append(getattr(owner, name)))

    planted.PLANTED[bug]()

    assert replaced
