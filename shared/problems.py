"""Refusals as RFC 9457 problems: the class name becomes the type, the docstring the title.

class NoticeAlreadyPaid(Conflict):
    '''The notice has been paid.'''

raise NoticeAlreadyPaid("Paid on 2026-12-08.", paid_pence=8000)
"""

import re
from typing import Any, ClassVar


class Problem(Exception):  # noqa: N818 -- a refusal is an answer, not an error
    """The request was refused."""

    status: ClassVar[int] = 400

    def __init__(self, detail: str = "", *, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail or self.title())
        self.detail = detail
        self.headers = headers or {}
        self.more = more

    @classmethod
    def type(cls) -> str:
        """Return the problem's type: its class name as a path of words."""
        return "/problems/" + re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def title(cls) -> str:
        """Return the first line of the docstring, without its full stop."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0].rstrip(".")

    def body(self) -> dict[str, Any]:
        """Return the RFC 9457 object."""
        body: dict[str, Any] = {"type": self.type(), "title": self.title(), "status": self.status}
        if self.detail:
            body["detail"] = self.detail
        return {**body, **self.more}


class Unauthenticated(Problem):
    """A valid bearer token is needed."""

    status = 401


class Forbidden(Problem):
    """This token may not do this."""

    status = 403


class NotFound(Problem):
    """There is no such thing."""

    status = 404


class Conflict(Problem):
    """The present state does not allow this."""

    status = 409


class TooLong(Problem):
    """The body is longer than this takes."""

    status = 413

    def __init__(self) -> None:
        super().__init__("Nothing of it was stored. Send less at once.")


class Invalid(Problem):
    """The request is not of the right shape."""

    status = 422


class Unavailable(Problem):
    """Something this needs is not reachable at the moment."""

    status = 503

    def __init__(self, detail: str = "", *, retry_after: int = 5, **more: Any) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)}, **more)


class LockedByOthers(Unavailable):
    """Other work has locked what this needs."""


class TookTooLong(Unavailable):
    """The database took too long over this."""


class DiskFull(Unavailable):
    """The disk of the database is full."""

    def __init__(self, detail: str = "", **more: Any) -> None:
        super().__init__(detail, retry_after=60, **more)
