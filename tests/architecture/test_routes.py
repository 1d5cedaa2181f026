"""Who may do what is declared at every route, and the routes that others rely on exist."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx2
import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from attendance.documentation.catalogue import services
from shared.database import Database
from shared.http import tokens
from shared.http.access import Access
from shared.http.app import create_app
from shared.http.routing import MAX_STRANGERS_BODY

NOBODY = "018f0000-0000-7000-8000-000000000000"
UNGUARDED = {"/health/live", "/health/ready", "/metrics"}
"""What operations and their tools read: no data of a service is in it."""

PUBLIC = {("penalties", "POST", "/v1/webhooks/govuk-pay"), ("notifications", "POST", "/v1/webhooks/govuk-notify/returned-letter")}
"""Routes without a token of ours. Each brings a proof of its own: a signature over its body, the secret agreed with the provider."""

DECIDING = {"school", "aco", "manager"}
AGREEING = {"aco", "manager", "business-support"}

CONTRACT: dict[tuple[str, str, str], set[str] | None] = {
    ("registers", "PUT", "/v1/schools/{urn}"): {"manager"},
    ("registers", "PUT", "/v1/schools/{urn}/calendars/{year}"): None,
    ("registers", "PUT", "/v1/schools/{urn}/pupils/{upn}"): None,
    ("registers", "PUT", "/v1/schools/{urn}/registers/{date}/{session}"): None,
    ("registers", "PATCH", "/v1/schools/{urn}/registers/{date}/{session}/marks/{upn}"): None,
    ("registers", "GET", "/v1/pupils/{upn}/marks"): None,
    ("registers", "POST", "/v1/parent-matches/{id}"): None,
    ("thresholds", "GET", "/v1/pupils/{upn}/threshold"): None,
    ("thresholds", "GET", "/v1/thresholds"): None,
    ("penalties", "GET", "/v1/cases"): None,
    ("penalties", "GET", "/v1/cases/{id}"): None,
    ("penalties", "POST", "/v1/cases/{id}/decisions"): DECIDING,
    ("penalties", "POST", "/v1/cases/{id}/notices-to-improve"): DECIDING,
    ("penalties", "GET", "/v1/notices-to-improve/{id}"): None,
    ("penalties", "POST", "/v1/notices-to-improve/{id}/outcome"): DECIDING,
    ("penalties", "POST", "/v1/cases/{id}/agreement"): AGREEING,
    ("penalties", "POST", "/v1/cases/{id}/penalty-notices"): AGREEING | {"accredited"},
    ("penalties", "GET", "/v1/penalty-notices/{id}"): None,
    ("penalties", "POST", "/v1/penalty-notices/{id}/payments"): AGREEING | {"accredited", "acsa"},
    ("penalties", "POST", "/v1/penalty-notices/{id}/withdrawal"): None,
    ("penalties", "POST", "/v1/penalty-notices/assessments"): None,
    ("penalties", "POST", "/v1/webhooks/govuk-pay"): set(),
    ("penalties", "POST", "/v1/cases/{id}/clearances"): None,
    ("notifications", "GET", "/v1/letters"): None,
    ("notifications", "GET", "/v1/letters/{id}.pdf"): None,
    ("prosecutions", "GET", "/v1/files"): None,
    ("prosecutions", "GET", "/v1/files/{id}"): None,
    ("prosecutions", "GET", "/v1/files/{id}/bundle.pdf"): None,
    ("prosecutions", "POST", "/v1/time-limits"): None,
}
"""The paths that others rely on, with the roles where the contract names them."""


@cache
def routes() -> list[tuple[str, str, str, Any]]:
    """Return every route: service, method, path, endpoint."""
    return list(_routes())


def _routes() -> Iterator[tuple[str, str, str, Any]]:
    nowhere = Database("postgresql+asyncpg://nobody@localhost/nowhere")
    for name, service in services().items():
        for route in iter_route_contexts(create_app(service, nowhere).routes):
            if isinstance(route.route, APIRoute) and route.path not in UNGUARDED:
                yield from ((name, method, str(route.path), route.endpoint) for method in sorted(route.methods or ()))


def test_every_route_declares_who_may_use_it():
    silent = [route[:3] for route in routes() if not isinstance(getattr(route[3], "access", None), Access)]

    assert not silent, "write @allow(...) below the route decorator"


def test_only_the_named_routes_are_public():
    assert {route[:3] for route in routes() if route[3].access.public} == PUBLIC


def test_a_strangers_message_is_short():
    limits = {
        str(route.path): route.max_body_size
        for service in services().values()
        for router in service.routers
        for route in router.routes
        if isinstance(route, APIRoute) and route.endpoint.access.public  # type: ignore[attr-defined]  # test above
    }

    assert limits == {path: MAX_STRANGERS_BODY for _, _, path in PUBLIC}


@pytest.mark.parametrize("name", services())
async def test_every_body_that_is_too_long_is_refused_with_a_problem(name: str):
    app = create_app(services()[name], Database("postgresql+asyncpg://nobody@localhost/nowhere"))
    values = {"urn": "100101", "date": "2026-09-14", "session": "AM", "year": "2026-27"}
    taking = [(method, path, endpoint.access) for service, method, path, endpoint in routes() if service == name and method != "GET"]
    refused = {}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://service") as http:
        for method, path, access in taking:
            role = min(access.roles) if access.roles else "manager"
            headers = {"Authorization": f"Bearer {tokens.issue(role, name='Ann Officer', schools=[100101])}", "Content-Length": str(10**12)}
            address = re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], NOBODY), path)
            answer = await http.request(method, address, content=b"x", headers=headers)
            refused[method, path] = (answer.status_code, answer.headers["content-type"])

    assert refused == {(method, path): (413, "application/problem+json") for method, path, _ in taking}


def test_every_other_route_names_its_roles():
    assert not [route[:3] for route in routes() if not route[3].access.public and not route[3].access.roles]


def test_only_what_stores_nothing_needs_no_person():
    assert {route[:3] for route in routes() if not route[3].access.stores} == {
        ("penalties", "POST", "/v1/penalty-notices/assessments"),
        ("penalties", "POST", "/v1/cases/{case_id}/family-assessments"),
        ("prosecutions", "POST", "/v1/time-limits"),
    }


def test_every_post_but_a_webhook_honours_the_idempotency_key():
    assert {route[:3] for route in routes() if route[1] == "POST" and not route[3].access.idempotent} <= PUBLIC


def test_a_token_of_a_school_reaches_nothing_without_a_check_of_whose_it_is():
    unchecked = {
        route[:3]
        for route in routes()
        if route[3].access.roles & {"school", "mis"} and not route[3].access.own_school and route[3].access.guard is None
    }

    assert not {route for route in unchecked if "{" in route[2]}, "own_school=True or guard=… at the route"


def test_every_route_has_a_docstring():
    assert not [route[:3] for route in routes() if not route[3].__doc__]


@pytest.mark.parametrize("promised", CONTRACT, ids=[" ".join(promised[1:]) for promised in CONTRACT])
def test_the_promised_path_exists_for_the_promised_roles(promised: tuple[str, str, str]):
    found = {(name, method, _shape(path)): endpoint.access.roles for name, method, path, endpoint in routes()}

    assert (promised[0], promised[1], _shape(promised[2])) in found
    if (roles := CONTRACT[promised]) is not None:
        # The console asks as a service for parents, who have no token.
        assert found[promised[0], promised[1], _shape(promised[2])] - {"service"} == roles


def _shape(path: str) -> str:
    """Return a path without the names of its parameters: those are the service's own."""
    return "/".join("{}" if "{" in part and not part.endswith("}.pdf") else "{}.pdf" if "{" in part else part for part in path.split("/"))
