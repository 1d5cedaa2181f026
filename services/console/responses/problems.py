"""Refusals of the services (RFC 9457)."""

from services.console.responses.values import ServiceResponse


class ProblemItem(ServiceResponse):
    """One thing that is wrong with a request or that a decision lacks: `where` in the body, or for which parent; `code` names it to machines."""

    where: list[str | int] | None = None
    what: str | None = None
    detail: str | None = None
    parent_id: str | None = None
    code: str | None = None


class ProblemResponse(ServiceResponse):
    """A refusal: `errors` of a body that is not well formed, what is `missing` for a decision, or the `obstacles` to a charge.

    Where a service names what is missing by its code alone, the sentences stand in `obstacles` or in `detail`.
    """

    title: str | None = None
    detail: str | None = None
    errors: list[ProblemItem] | None = None
    missing: list[ProblemItem | str] | None = None
    obstacles: list[ProblemItem] | None = None
