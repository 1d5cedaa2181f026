"""What a person may do by the API, a person can do on a page: every route against the calls that the console's pages make."""

import ast
import re
from collections.abc import Iterator

from shared.http.access import MACHINES, ROLES
from tests.architecture.sources import dotted, python_files, tree
from tests.architecture.test_routes import routes

READS = {"get", "document", "Listing", "count"}
"""The last names of calls that read a path; a path in any other call is posted to."""

SYSTEMS = "a school's system sends it; a manager only where that system cannot"
COURT = "the pages of the court file are not built yet"
MONEY = "the pages of notices and money are not built yet"
REGISTERS = "the pages of registers are not built yet"
COMMAND = "it is a command of operations: docs/operations.md"

WITHOUT_A_PAGE: dict[str, str] = {
    "GET /v1/codes": "each page writes a code with its meaning",
    "GET /v1/comparisons": COMMAND,
    "GET /v1/imports/{import_id}/progress": "a page without script cannot follow it; the import's page shows how far it has come",
    "GET /v1/pupil-mergers": REGISTERS,
    "GET /v1/pupils/{upn}/certificate": REGISTERS,
    "GET /v1/pupils/{upn}/threshold/explanation": "the page of a threshold and the case show the findings",
    "GET /v1/school-messages": "a school is sent them by e-mail",
    "GET /v1/schools/{urn}/attendance-policies": REGISTERS,
    "GET /v1/schools/{urn}/attendance-policies/{on}": REGISTERS,
    "GET /v1/schools/{urn}/predecessor": REGISTERS,
    "GET /v1/statistics": REGISTERS,
    "GET /v1/suspense": MONEY,
    "GET /v1/thresholds": REGISTERS,
    "PATCH /v1/schools/{urn}/registers/{date}/{session}/marks/{upn}": SYSTEMS,
    "POST /v1/files/{file_id}/charge": COURT,
    "POST /v1/files/{file_id}/clearances": COURT,
    "POST /v1/files/{file_id}/gates/{gate}": COURT,
    "POST /v1/files/{file_id}/outcome": COURT,
    "POST /v1/files/{file_id}/withdrawal": COURT,
    "POST /v1/penalty-notices/{notice_id}/payments": MONEY,
    "POST /v1/penalty-notices/{notice_id}/withdrawal": MONEY,
    "POST /v1/pupil-mergers": REGISTERS,
    "POST /v1/pupil-mergers/{merger_id}/undo": REGISTERS,
    "POST /v1/pupils/{upn}/upn-changes": REGISTERS,
    "POST /v1/state-publications": COMMAND,
    "POST /v1/thresholds/recomputations": COMMAND,
    "PUT /v1/schools/{urn}": SYSTEMS,
    "PUT /v1/schools/{urn}/attendance-policies/{from}": REGISTERS,
    "PUT /v1/schools/{urn}/calendars/{year}": SYSTEMS,
    "PUT /v1/schools/{urn}/pupils/{upn}": SYSTEMS,
    "PUT /v1/schools/{urn}/predecessor": REGISTERS,
    "PUT /v1/schools/{urn}/registers/{date}/{session}": SYSTEMS,
    "PUT /v1/schools/{urn}/roll": SYSTEMS,
}
"""Routes of people that no page uses yet, each with the reason. The list shrinks: what a page uses may not stand here."""


def _paths(node: ast.AST, reads: bool) -> Iterator[tuple[bool, str]]:
    """Give every path of a service below a node, with its fields left empty, and whether it is read."""
    for child in ast.iter_child_nodes(node):
        inner = dotted(child.func).rpartition(".")[2] in READS if isinstance(child, ast.Call) and _names_a_path(child) else reads
        if path := _path(child):
            yield inner, path
        else:
            yield from _paths(child, inner)


def _names_a_path(call: ast.Call) -> bool:
    """Return whether a path stands among the arguments of a call itself, or of a function that it is given."""
    given = [*call.args, *(each.value for each in call.keywords)]
    return any(_path(each.body if isinstance(each, ast.Lambda) else each) for each in given)


def _path(node: ast.AST) -> str | None:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [each.value if isinstance(each, ast.Constant) and isinstance(each.value, str) else "{}" for each in parts]
    return "".join(texts) if texts and texts[0].startswith("/v1/") else None


def used_by_pages() -> set[str]:
    """Return the routes that pages of the console use: method and path, the path's fields left empty."""
    found = (each for file in python_files("services/console") for each in _paths(tree(file), False))
    return {f"{'GET' if reads else 'POST'} {path}" for reads, path in found}


def of_people() -> set[str]:
    """Return the routes that a person's role may use."""
    people = set(ROLES) - set(MACHINES)
    return {f"{method} {path}" for _, method, path, endpoint in routes() if endpoint.access.roles & people}


def _empty(route: str) -> str:
    return re.sub(r"\{[a-z_]+\}", "{}", route)


def test_every_route_that_a_person_may_use_has_a_page_or_a_reason_for_having_none():
    used = used_by_pages()

    without = {route for route in of_people() if _empty(route) not in used}

    assert without - WITHOUT_A_PAGE.keys() == set(), "build a page, or say here why there is none"


def test_the_list_of_routes_without_a_page_names_only_such_routes():
    used = used_by_pages()

    stale = {route: "a page uses it" if _empty(route) in used else "no person may use it" for route in WITHOUT_A_PAGE}

    assert {route: why for route, why in stale.items() if why == "a page uses it" or route not in of_people()} == {}


def test_pages_call_only_routes_that_there_are():
    known = {_empty(f"{method} {path}") for _, method, path, _ in routes()}

    assert used_by_pages() - known == set()
