"""A product in which a case has come before the court, and requests of any shape made from each service's own description."""

from collections.abc import Iterator
from typing import Any

import httpx2
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from joserfc import jwt
from schemathesis import GenerationMode, Response
from schemathesis.core.result import Ok

from shared.http import tokens
from tests.journeys.journey import UPN, URN, Journey
from tests.journeys.product import Embedded

ROLES = ["aco", "acsa", "business-support", "manager", "operations", "school", "service"]
ENDLESS = {"/v1/imports/{import_id}/progress"}
"""What answers until an import ends."""
IDS = {
    "case_id": ("penalties", "SELECT id FROM cases"),
    "notice_id": ("penalties", "SELECT id FROM penalty_notices UNION SELECT id FROM improvement_notices"),
    "file_id": ("prosecutions", "SELECT id FROM files"),
    "letter_id": ("notifications", "SELECT id FROM letters"),
    "pupil_id": ("registers", "SELECT id FROM pupils"),
}


class World:
    """The product, asked with a token of nearly every role."""

    def __init__(self) -> None:
        self.product = Embedded()
        self.product.start()
        Journey(self.product).run()
        claims = jwt.decode(tokens.issue("manager", name="Ann Officer"), tokens._key()).claims
        self.authorization = f"Bearer {jwt.encode({'alg': 'HS256'}, claims | {'roles': ROLES}, tokens._key())}"
        self.session = requests.Session()
        self.existing = {name: [str(row[0]) for row in self.product.query(*where)] for name, where in IDS.items()}
        self.existing |= {"upn": [UPN], "urn": [str(URN)], "date": ["2026-09-14"], "session": ["AM"], "year": ["2026-27"]}

    def close(self) -> None:
        self.session.close()
        self.product.remove()

    def description(self, service: str) -> Any:
        return httpx2.get(f"{self.product.address(service)}/openapi.json").json()

    def any_requests(self, service: str, examples: int, number: int) -> Iterator[tuple[Response, str]]:
        """Send so many requests to each operation that fit its description, and so many that do not; always the same ones of a number.

        Give each response, and the request as a command.
        """
        found = [
            each.ok() for each in schemathesis.openapi.from_dict(self.description(service)).get_all_operations() if isinstance(each, Ok)
        ]
        for operation in found:
            if operation.path not in ENDLESS:
                for mode in GenerationMode:
                    yield from self._any_requests_of(service, operation, mode, examples, number)

    def _any_requests_of(
        self, service: str, operation: Any, mode: GenerationMode, examples: int, number: int
    ) -> list[tuple[Response, str]]:
        answered: list[tuple[Response, str]] = []

        @seed(number)
        @settings(max_examples=examples, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode), about=st.integers(0, 1) | st.integers(0, 9))
        def each_request(case: Any, about: int) -> None:
            answered.append((self._send(service, case, about), case.as_curl_command()))

        try:
            each_request()
        except Unsatisfiable:  # nothing that could be sent otherwise
            return []
        return answered

    def _send(self, service: str, case: Any, about: int) -> Response:
        """Send a request, one in two about what exists; return its response."""
        if about:
            case.path_parameters = {
                name: self.existing[name][about % len(self.existing[name])] if self.existing.get(name) else value
                for name, value in (case.path_parameters or {}).items()
            }
        case.headers = {**(case.headers or {}), "Authorization": self.authorization}
        response: Response = case.call(self.product.address(service), session=self.session, timeout=30)
        return response
