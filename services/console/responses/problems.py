"""Refusals of the services (RFC 9457)."""

from services.console.responses.values import ServiceResponse


class ProblemItem(ServiceResponse):
    """One thing that is wrong with a request or that a decision lacks: `where` in the body, or for which parent."""

    where: list[str | int] | None = None
    what: str | None = None
    detail: str | None = None
    parent_id: str | None = None


class ProblemResponse(ServiceResponse):
    """A refusal: `errors` of a body that is not well formed, or what is `missing` for a decision."""

    title: str | None = None
    detail: str | None = None
    errors: list[ProblemItem] | None = None
    missing: list[ProblemItem] | None = None
