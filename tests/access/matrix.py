"""Every route by every caller and every object: who is let in, in which order refusals come, and that nobody outside learns what exists."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from shared.http.access import Access
from shared.service import Service
from tests.support import ApiClient

OWN, NEIGHBOUR, ELSEWHERE = 100401, 100402, 100403
"""The callers' own school, another one of their authority, and one of another authority."""
LA, OTHER_LA = "881", "882"
AREAS = {OWN: LA, NEIGHBOUR: LA, ELSEWHERE: OTHER_LA}
PLACES = ("own", "neighbour", "elsewhere", "absent", "malformed")
"""Where an object is: at the own school, at another school of the authority, in another authority, nowhere, or not even an id."""
GARBAGE = b"{oops"
ABSENT_ID, MALFORMED_ID = "0198c2a0-0000-7000-8000-00000000dead", "nonsense"


@dataclass(frozen=True, slots=True)
class Caller:
    """A token: its role, and what it is narrowed to."""

    role: str
    schools: tuple[int, ...] = ()
    la_code: str | None = None

    def __str__(self) -> str:
        """Return who it is, for a report."""
        return f"{self.role}{f' of {self.schools[0]}' if self.schools else ''}{f' --la {self.la_code}' if self.la_code else ''}"

    def reaches(self, where: str) -> bool:
        """Return whether an object is the caller's own to see, if there is one."""
        if self.schools:
            return where == "own"
        return self.la_code is None or where in {"own", "neighbour"}

    @property
    def narrowed(self) -> bool:
        """Whether a part of the installation is out of reach."""
        return bool(self.schools) or self.la_code is not None


OFFICERS = ("aco", "acsa", "business-support", "manager")
CALLERS = (
    *(Caller(role, schools=(OWN,)) for role in ("mis", "school", "accredited")),
    *(Caller(role, la_code=la_code) for role in (*OFFICERS, "operations") for la_code in (None, LA)),
    Caller("service"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """What the matrix has to know of a route: a body of the right shape, a query that it needs, what it answers about what is there.

    `found`: the status within reach. `creates`: what is absent is made, by whoever is bound to no school.
    """

    body: Any = None
    query: str = ""
    found: int = 200
    creates: bool = False
    raw: bool = False
    """The body is a file: any bytes are of the right shape."""
    found_by: Mapping[str, int] = field(default_factory=dict)
    """The status within reach for a role that gets another one than `found`."""


@dataclass(frozen=True, slots=True)
class Route:
    """A route of a service."""

    method: str
    path: str
    access: Access
    has_body: bool

    def __str__(self) -> str:
        """Return it as people write it."""
        return f"{self.method} {self.path}"

    @property
    def names_an_object(self) -> bool:
        """Whether the path names something stored."""
        return "{" in self.path


def routes_of(service: Service) -> list[Route]:
    """Return every route of a service, those that all services have among them."""
    from shared.database import Database
    from shared.http.app import create_app

    app = create_app(service, Database("postgresql+asyncpg://nobody@localhost/nowhere"))
    documented = app.openapi()["paths"]
    found = []
    for context in iter_route_contexts(app.routes):
        if isinstance(context.route, APIRoute) and (access := getattr(context.endpoint, "access", None)) is not None:
            for method in sorted(context.route.methods or ()):
                path = str(context.path)
                has_body = "requestBody" in documented[path][method.lower()]
                found.append(Route(method, path, access, has_body))
    assert {(each.path, each.method.lower()) for each in found} == {(path, method) for path in documented for method in documented[path]}
    return found


@dataclass(frozen=True, slots=True)
class Objects:
    """The ids of what is stored, by the part of a path that stands before them and by where they are; and parameters that name nothing."""

    ids: Mapping[str, Mapping[str, Any]]
    fixed: Mapping[str, str] = field(default_factory=dict)

    def path(self, template: str, where: str) -> str:
        """Return a route's path to the object that is there."""
        parts = template.split("/")
        for number, part in enumerate(parts):
            if found := re.fullmatch(r"\{(\w+)\}(.*)", part):
                value = self.fixed.get(found[1]) or self.ids[parts[number - 1]][where]
                parts[number] = f"{value}{found[2]}"
        return "/".join(parts)


def everywhere(ids: Mapping[int, Any], absent: Any = ABSENT_ID, malformed: Any = MALFORMED_ID) -> dict[str, Any]:
    """Return the ids of three schools' things by where they are."""
    return {"own": ids[OWN], "neighbour": ids[NEIGHBOUR], "elsewhere": ids[ELSEWHERE], "absent": absent, "malformed": malformed}


@dataclass(slots=True)
class Tried:
    """How many combinations were tried, and what was not as it should be."""

    combinations: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)

    def report(self, service: str, capsys: pytest.CaptureFixture[str]) -> None:
        """Print how many combinations were tried."""
        with capsys.disabled():
            print(f"\n{service}: {self.combinations} combinations of route, caller and object, {self.refused} to be refused")  # noqa: T201


async def try_everything(api: ApiClient, service: Service, rows: Mapping[str, Row], objects: Objects) -> Tried:
    """Try every route of a service as every caller on every object, with a body of the right shape and with garbage."""
    tried = Tried()
    routes = routes_of(service)
    assert {str(route) for route in routes} == set(rows), "every route has a row in the matrix, and no row is left over"
    for caller in CALLERS:
        client = api.as_(caller.role, name="Ann Officer", schools=caller.schools, la_code=caller.la_code)
        for route in routes:
            if not route.access.public:
                await _try_route(client, caller, route, rows[str(route)], objects, tried)
    return tried


async def _try_route(client: ApiClient, caller: Caller, route: Route, row: Row, objects: Objects, tried: Tried) -> None:
    may = route.access.roles & {caller.role} and not (route.access.everywhere and caller.narrowed)
    refusals = set()
    # Who has another role is refused before anything is looked at: one object that is there and one that is not will do.
    places = PLACES if may else ("own", "absent")
    for where in places if route.names_an_object else ("own",):
        made = row.creates and where == "absent" and not caller.schools
        within = bool(may) and (made or caller.reaches(where))
        for shape in _shapes(route, row, where, within) if may else ("garbage",):
            content = {"garbage": GARBAGE, "shaped": orjson.dumps(row.body)}.get(shape)
            answer = await client.request(route.method, objects.path(route.path, where) + row.query, content=content)
            tried.combinations += 1
            if within:
                expected = _expected(caller, row, where, shape)
                right = answer.status_code in expected
            else:
                tried.refused += 1
                expected = {403}
                right = answer.status_code == 403
                refusals.add(answer.text)
            if not right:
                tried.wrong.append(f"{caller} {route} {where} {shape}: {answer.status_code}, not {sorted(expected)}: {answer.text[:200]}")
    if len(refusals) > 1:
        tried.wrong.append(f"{caller} {route}: refused in different words: {sorted(refusals)}")


def _shapes(route: Route, row: Row, where: str, within: bool) -> Sequence[str]:
    """Return which bodies are sent. Where a caller is let in to what is there, only garbage: nothing is to change."""
    if not route.has_body or row.raw:
        return ("none",)
    if within and (row.creates or where not in {"absent", "malformed"}):
        return ("garbage",)
    return ("garbage", "shaped")


def _expected(caller: Caller, row: Row, where: str, shape: str) -> set[int]:
    """Return with what a caller is answered who may look: 422 before 404 before anything else."""
    if where == "malformed" or shape == "garbage":
        return {422}
    if where == "absent":
        return {404}
    return {row.found_by.get(caller.role, row.found)}


@dataclass(frozen=True, slots=True)
class Naming:
    """A request that names an object in its query or its body; `{}` stands for it. `values`: one of another authority, and one that is not there."""

    method: str
    path: str
    values: tuple[Any, Any]
    body: Any = None


async def try_naming(api: ApiClient, service: Service, namings: Sequence[Naming]) -> Tried:
    """Ask as every narrowed caller for something of another authority and for something that is not there: the answers are the same."""
    tried = Tried()
    allowed = {(route.method, route.path): route.access.roles for route in routes_of(service)}
    for naming in namings:
        template = naming.path.partition("?")[0]
        roles = next(found for (method, path), found in allowed.items() if method == naming.method and _fits(path, template))
        for caller in CALLERS:
            if not caller.narrowed or caller.role not in roles:
                continue
            client = api.as_(caller.role, name="Ann Officer", schools=caller.schools, la_code=caller.la_code)
            answers = []
            for value in naming.values:
                content = orjson.dumps(naming.body).replace(b"{}", str(value).encode()) if naming.body else None
                answer = await client.request(naming.method, naming.path.replace("{}", str(value)), content=content)
                tried.combinations += 1
                answers.append((answer.status_code, answer.text.replace(str(value), "…")))
            if answers[0] != answers[1] or answers[0][0] >= 500:
                tried.wrong.append(f"{caller} {naming.method} {naming.path} {naming.body or ''}: {answers}")
    return tried


def _fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None
