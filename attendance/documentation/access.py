"""`docs/access.md`: who may do what, route by route, as the routes declare it."""

import inspect
from collections.abc import Iterator
from pathlib import Path

from fastapi.routing import APIRoute, iter_route_contexts

from attendance.documentation.catalogue import ROOT, services
from shared.database import Database
from shared.http.access import BOUND_ROLES, OUT_OF_REACH, ROLES, Access
from shared.http.app import create_app

FILE = ROOT / "docs" / "access.md"

INTRODUCTION = f"""# Who may do what

Made by `python -m attendance.documentation` from the access rule (`@allow`) of every route. Do not edit. `tests/access/` tries every route
below as every role, on what is the caller's own, another's, absent and no id at all.

A request is refused in this order: 401 without a valid token; 403 where the role is not among those of the route, or where what the path
names is not within reach; 422 where the request is not of the right shape; 404 where there is no such thing; 409 where the state does not
allow it.

* A token of the roles {", ".join(f"`{role}`" for role in sorted(BOUND_ROLES))} reaches its own schools, those that they continue, and what is theirs.
* A token with `--la` reaches the schools of one authority, and what is theirs.
* Any other token reaches everything, and is answered 404 for what does not exist. A narrowed one is answered 404 only for a part of what is its
  own, such as a calendar that its school has not sent.
* Outside its reach a narrowed token gets one 403, the same for what is another's and for what does not exist: "{OUT_OF_REACH}"
* In `registers`, `penalties` and `prosecutions` the database shows a request no other rows either, whatever a query asks for.
"""


def files() -> dict[Path, str]:
    """Return the table of access rules."""
    return {FILE: "\n".join(_lines()) + "\n"}


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    yield "| role | who |\n|---|---|"
    yield from (f"| `{role}` | {title} |" for role, title in ROLES.items())
    nowhere = Database("postgresql+asyncpg://nobody@localhost/nowhere")
    for name, service in services().items():
        yield f"\n## {name}\n"
        yield f"| route | what it does | {' | '.join(ROLES)} | within whose reach, and what else must hold |"
        yield f"|---|---|{'---|' * len(ROLES)}---|"
        for context in iter_route_contexts(create_app(service, nowhere).routes):
            access = getattr(context.endpoint, "access", None)
            if isinstance(context.route, APIRoute) and isinstance(access, Access):
                for method in sorted(context.route.methods or ()):
                    roles = " | ".join("yes" if role in access.roles else "" for role in ROLES)
                    yield f"| {method} `{context.path}` | {_sentence(context.endpoint)} | {roles} | {'; '.join(_reach(access))} |"


def _reach(access: Access) -> Iterator[str]:
    if access.public:
        yield "no token: the sender proves who it is by a signature or an agreed secret"
    if access.everywhere:
        yield "only a token that is not narrowed"
    if access.own_school:
        yield "a school's token must hold the URN"
    if access.guard:
        yield _sentence(access.guard).removeprefix("Return whether ").removesuffix(".")
    if access.rule:
        yield _sentence(access.rule).removesuffix(".")


def _sentence(function: object) -> str:
    """Return the first sentence of a docstring."""
    first = (inspect.getdoc(function) or "").partition("\n\n")[0].replace("\n", " ").replace("|", "/")
    return first if ". " not in first else f"{first.partition('. ')[0]}."
