"""Who may do what: the caller, and the access rule that every route declares."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request

from shared.database import Transaction
from shared.problems import Forbidden

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
"""Each role and the title that stands for a person where a token names none."""

OFFICERS = ("accredited", "aco", "acsa", "business-support", "manager")
"""Roles of the authority's own people."""


@dataclass(frozen=True, slots=True)
class CallerInfo:
    """Who acts, by their token. `schools` binds `mis` and `school` tokens; `la_code` narrows an officer's."""

    subject: str
    name: str | None
    roles: frozenset[str]
    schools: frozenset[int] = frozenset()
    la_code: str | None = None

    @property
    def bound(self) -> bool:
        """Return whether the token reaches only its own schools."""
        return self.roles <= {"mis", "school"}

    @property
    def role(self) -> str:
        """The role under which a decision is recorded."""
        return min(self.roles)

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
            raise Forbidden("This needs a token with a person's name.")
        return self.name


Guard = Callable[[Transaction, CallerInfo, Mapping[str, str]], Awaitable[None]]
"""Raises Forbidden where the caller may not reach the object that the path names; runs before the body is looked at."""


def only_for_callers_of_an_area(guard: Guard) -> Guard:
    """Mark a guard that checks only callers with an area: a route without a transaction opens none for the others."""
    guard.only_for_callers_of_an_area = True  # type: ignore[attr-defined]
    return guard


@dataclass(frozen=True, slots=True)
class Access:
    """The access rule of one route."""

    roles: frozenset[str] = frozenset()
    public: bool = False
    own_school: bool = False
    guard: Guard | None = None
    transaction: bool = True
    idempotent: bool = True
    upload: bool = False

    def guarded(self, caller: CallerInfo | None) -> bool:
        """Return whether there is a guard that must check this caller."""
        only_areas = hasattr(self.guard, "only_for_callers_of_an_area")
        return self.guard is not None and not (only_areas and caller is not None and caller.la_code is None)

    def check(self, caller: CallerInfo | None, path: Mapping[str, Any]) -> None:
        """Raise Forbidden where the caller's roles or schools do not reach this path."""
        if self.public:
            return
        if caller is None or not caller.has(*self.roles):
            raise Forbidden("This needs another role.")
        if self.own_school and caller.bound and str(path.get("urn")) not in {str(urn) for urn in caller.schools}:
            raise Forbidden("This token is not for that school.")


F = TypeVar("F", bound=Callable[..., Any])


def allow(
    *roles: str,
    public: bool = False,
    own_school: bool = False,
    guard: Guard | None = None,
    transaction: bool = True,
    idempotent: bool = True,
    upload: bool = False,
) -> Callable[[F], F]:
    """Declare who may use a route; stands below the route decorator.

    `own_school`: a token bound to schools must hold the path's `urn`. `guard`: a check against what is stored.
    `transaction=False`: the endpoint calls the outside world and opens its own transactions (`Db`).
    `idempotent=False`: a webhook, which brings its own message id. `upload=True`: the body is a file (`Uploaded`).
    """
    unknown = set(roles) - set(ROLES)
    if unknown:
        raise ValueError(f"no such roles: {unknown}")
    access = Access(frozenset(roles), public, own_school, guard, transaction, idempotent, upload)

    def declare(endpoint: F) -> F:
        endpoint.access = access  # type: ignore[attr-defined]
        return endpoint

    return declare


async def _caller(request: Request) -> Any:
    return request.state.caller


Caller = Annotated[CallerInfo, Depends(_caller)]
"""Who holds the request's token."""
