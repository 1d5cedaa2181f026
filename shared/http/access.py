"""Who may do what: the caller, and the access rule that every route declares."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Request

from shared.database import Transaction
from shared.problems import Forbidden, NotFound, Problem

ROLES: Mapping[str, str] = {
    "mis": "School management information system",
    "school": "School attendance officer",
    "accredited": "Accredited person",
    "aco": "Attendance compliance officer",
    "acsa": "Attendance compliance support assistant",
    "business-support": "Business support officer",
    "manager": "Attendance manager",
    "operations": "Operations",
    "service": "Attendance services",
}
"""Each role and its title."""

MACHINES = ("mis", "service")
"""Roles of machines: what they change, they change without a person's name."""

OFFICERS = ("aco", "acsa", "business-support", "manager")
"""Roles of the authority's own people."""

BOUND_ROLES = frozenset({"mis", "school", "accredited"})
"""Roles whose tokens reach certain schools alone."""

OUT_OF_REACH = "This is not within what your token may see, or there is no such thing."
"""What a caller who sees a part of the installation is answered about anything outside of it, existing or not."""


@dataclass(frozen=True, slots=True)
class CallerInfo:
    """Who acts, by their token. `schools` binds `mis`, `school` and `accredited` tokens; `la_code` narrows an officer's."""

    subject: str
    name: str | None
    roles: frozenset[str]
    schools: frozenset[int] = frozenset()
    la_code: str | None = None

    @property
    def bound(self) -> bool:
        """Return whether the token reaches only its own schools."""
        return self.roles <= BOUND_ROLES

    @property
    def narrowed(self) -> bool:
        """Return whether the token reaches a part of the installation alone: its own schools, or one authority."""
        return self.bound or self.la_code is not None

    @property
    def role(self) -> str:
        """The role under which a decision is recorded."""
        return min(self.roles)

    @property
    def label(self) -> str:
        """Who acts, for a record: the person, or the title of the role where the token names nobody."""
        return self.name or ROLES[self.role]

    def has(self, *roles: str) -> bool:
        """Return whether the caller has one of these roles."""
        return not self.roles.isdisjoint(roles)

    def may_see_school(self, urn: int, la_code: str | None = None) -> bool:
        """Return whether a school is the caller's own, or in the officer's area."""
        if self.bound:
            return urn in self.schools
        return self.la_code is None or la_code is None or la_code == self.la_code

    def person(self) -> str:
        """Return the name of the person who acts; raise Forbidden where the token names nobody."""
        if not self.name:
            raise Forbidden("Only a named person may do this. Ask for a token with your name: attendance token --role … --name …")
        return self.name


Guard = Callable[[Transaction, CallerInfo, Mapping[str, str]], Awaitable[bool]]
"""Returns whether the object that the path names is within the caller's reach; False where there is no such object.

Only callers whose tokens are narrowed are asked about: so nothing depends on the order in which a guard finds out what it is asked.
"""


def id_in(path: Mapping[str, str], name: str) -> UUID | None:
    """Return the id that stands in a path; None where what stands there is none."""
    try:
        return UUID(path[name])
    except ValueError:
        return None


def absent(caller: CallerInfo, problem: type[NotFound]) -> Problem:
    """Return what a caller is answered who names, in a query or a body, what is not there for them: only who sees everything learns that it is not."""
    return Forbidden(OUT_OF_REACH) if caller.narrowed else problem()


Rule = Callable[[Transaction, CallerInfo, Mapping[str, str]], Awaitable[None]]
"""Raises the refusal where a caller who reaches the object may not do this to it, for another reason than whose it is."""


@dataclass(frozen=True, slots=True)
class Access:
    """The access rule of one route."""

    roles: frozenset[str] = frozenset()
    public: bool = False
    own_school: bool = False
    everywhere: bool = False
    guard: Guard | None = None
    rule: Rule | None = None
    transaction: bool = True
    idempotent: bool = True
    upload: bool = False
    stores: bool = True

    def guarded(self, caller: CallerInfo | None) -> bool:
        """Return whether the guard is asked about this caller: one who sees everything reaches it, and a token's schools stand in the path."""
        return self.guard is not None and caller is not None and caller.narrowed and not (self.own_school and caller.bound)

    def looks_at_database(self, caller: CallerInfo | None) -> bool:
        """Return whether this caller is let in by what is stored, and not by token and path alone."""
        return self.guarded(caller) or self.rule is not None

    async def admit(self, tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> None:
        """Raise Forbidden, in the same words whether there is such an object or not, unless it is within reach; then what the rule raises."""
        if self.guard and self.guarded(caller) and not await self.guard(tx, caller, path):
            raise Forbidden(OUT_OF_REACH)
        if self.rule:
            await self.rule(tx, caller, path)

    def check(self, caller: CallerInfo | None, path: Mapping[str, Any], method: str = "GET") -> None:
        """Raise Forbidden where the caller's roles or schools do not reach this path, or where a person must act and the token names none."""
        if self.public:
            return
        if caller is None or not caller.has(*self.roles):
            raise Forbidden("This needs another role.")
        if self.everywhere and caller.narrowed:
            raise Forbidden("This needs a token that is not narrowed to an authority.")
        if self.own_school and caller.bound and str(path.get("urn")) not in {str(urn) for urn in caller.schools}:
            raise Forbidden("This token is not for that school.")
        if method != "GET" and self.stores and not caller.has(*MACHINES):
            caller.person()


F = TypeVar("F", bound=Callable[..., Any])


def allow(
    *roles: str,
    public: bool = False,
    own_school: bool = False,
    everywhere: bool = False,
    guard: Guard | None = None,
    rule: Rule | None = None,
    transaction: bool = True,
    idempotent: bool = True,
    upload: bool = False,
    stores: bool = True,
) -> Callable[[F], F]:
    """Declare who may use a route; stands below the route decorator.

    `own_school`: a token bound to schools must hold the path's `urn`. `everywhere`: it is about the installation, of which nobody narrowed
    to a part may see anything. `guard`: whether what the path names is within reach, by what is
    stored. `rule`: what else must hold of it.
    `transaction=False`: the endpoint calls the outside world and opens its own transactions (`Db`).
    `idempotent=False`: a webhook, which brings its own message id. `upload=True`: the body is a file (`Uploaded`).
    `stores=False`: a POST that only computes; every other one by a person's role needs a token with a person's name.
    """
    unknown = set(roles) - set(ROLES)
    if unknown:
        raise ValueError(f"no such roles: {unknown}")
    access = Access(frozenset(roles), public, own_school, everywhere, guard, rule, transaction, idempotent, upload, stores)

    def declare(endpoint: F) -> F:
        endpoint.access = access  # type: ignore[attr-defined]
        return endpoint

    return declare


async def _caller(request: Request) -> Any:
    return request.state.caller


Caller = Annotated[CallerInfo, Depends(_caller)]
"""Who holds the request's token."""
