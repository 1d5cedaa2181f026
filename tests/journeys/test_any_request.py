"""Requests of any shape, made from each service's own description: whatever a client sends, no service fails at it."""

from collections import Counter

import pytest

from shared.settings import SERVICES
from tests.journeys.world import World

EXAMPLES = 6
"""For each operation, of requests that fit its description and of those that do not; the same ones every time."""
SEED = 881


@pytest.fixture(scope="module")
def world():
    made = World()
    yield made
    made.close()


@pytest.mark.parametrize("service", SERVICES)
def test_no_request_makes_a_service_fail(world, service):
    statuses: Counter[int] = Counter()
    failures: list[str] = []

    for response, command in world.any_requests(service, EXAMPLES, SEED):
        statuses[response.status_code] += 1
        refusal = response.status_code >= 400 and response.headers["content-type"][0]
        if response.status_code == 500 or (refusal and refusal != "application/problem+json"):
            failures.append(f"{response.status_code} {response.text[:200]}\n{command}")

    assert not failures, "\n\n".join(failures) + world.product.logs()
    assert statuses.keys() >= {200, 404, 422}, statuses
