"""Requests of any shape, made from each service's own description: whatever a client sends, no service fails at it."""

from collections import Counter

import httpx2
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from joserfc import jwt
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from shared.http import tokens
from shared.settings import SERVICES
from tests.journeys.journey import UPN, URN, Journey
from tests.journeys.product import Embedded

pytestmark = pytest.mark.journey

EXAMPLES = 6
"""For each operation, of requests that fit its description and of those that do not; with the seed always the same ones."""
SEED = 881
ROLES = ["aco", "acsa", "business-support", "manager", "operations", "school", "service"]
ENDLESS = {"/v1/imports/{import_id}/progress"}
IDS = {
    "case_id": ("penalties", "SELECT id FROM cases"),
    "notice_id": ("penalties", "SELECT id FROM penalty_notices UNION SELECT id FROM improvement_notices"),
    "file_id": ("prosecutions", "SELECT id FROM files"),
    "letter_id": ("notifications", "SELECT id FROM letters"),
    "pupil_id": ("registers", "SELECT id FROM pupils"),
}


class World:
    """A product in which a case has come before the court, asked with a token of nearly every role."""

    def __init__(self):
        self.product = Embedded()
        self.product.start()
        Journey(self.product).run()
        claims = jwt.decode(tokens.issue("manager", name="Ann Officer"), tokens._key()).claims
        self.authorization = f"Bearer {jwt.encode({'alg': 'HS256'}, claims | {'roles': ROLES}, tokens._key())}"
        self.session = requests.Session()
        self.existing = {name: [str(row[0]) for row in self.product.query(*where)] for name, where in IDS.items()}
        self.existing |= {"upn": [UPN], "urn": [str(URN)], "date": ["2026-09-14"], "session": ["AM"], "year": ["2026-27"]}

    def close(self):
        self.session.close()
        self.product.remove()

    def operations(self, service):
        description = httpx2.get(f"{self.product.address(service)}/openapi.json").json()
        found = [each for each in schemathesis.openapi.from_dict(description).get_all_operations() if isinstance(each, Ok)]
        return [each.ok() for each in found if each.ok().path not in ENDLESS]

    def send(self, service, case, number):
        """Send a request, one in two about what exists; return its response."""
        if number:
            case.path_parameters = {
                name: self.existing[name][number % len(self.existing[name])] if self.existing.get(name) else value
                for name, value in (case.path_parameters or {}).items()
            }
        case.headers = {**(case.headers or {}), "Authorization": self.authorization}
        return case.call(self.product.address(service), session=self.session, timeout=30)


@pytest.fixture(scope="module")
def world():
    made = World()
    yield made
    made.close()


@pytest.mark.parametrize("service", SERVICES)
def test_no_request_makes_a_service_fail(world, service):
    statuses: Counter[int] = Counter()
    failures: list[str] = []

    def ask(operation, mode):
        @seed(SEED)
        @settings(max_examples=EXAMPLES, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode), number=st.integers(0, 1) | st.integers(0, 9))
        def each_request(case, number):
            response = world.send(service, case, number)
            statuses[response.status_code] += 1
            refusal = response.status_code >= 400 and response.headers["content-type"][0]
            if response.status_code == 500 or (refusal and refusal != "application/problem+json"):
                failures.append(f"{response.status_code} {response.text[:200]}\n{case.as_curl_command()}")

        each_request()

    for operation in world.operations(service):
        for mode in GenerationMode:
            try:
                ask(operation, mode)
            except Unsatisfiable:  # nothing that could be sent otherwise
                continue

    assert not failures, "\n\n".join(failures) + world.product.logs()
    assert statuses.keys() >= {200, 404, 422}, statuses
