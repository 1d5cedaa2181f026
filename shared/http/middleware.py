"""Around every request to a service: authentication before the body is read, and the fast paths."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.database import Database
from shared.http import problems, tokens
from shared.http.edge import Edge, Response
from shared.messaging.comparison import Comparison
from shared.problems import Problem, Unauthenticated
from shared.service import Service

OPEN_PATHS = ("/health/", "/metrics", "/openapi.json", "/docs")


class ServiceEdge(Edge):
    """The outermost layer of a service's API.

    Authentication comes before routing, so that a stranger learns nothing from an unknown path; paths in `public` bring their own proof.
    """

    def __init__(
        self, app: ASGIApp, service: Service, database: Database, public: frozenset[str], comparison: Comparison | None = None
    ) -> None:
        super().__init__(app, service.name)
        self.comparison = comparison
        self.fast_paths = service.fast_paths
        self.database = database
        self.public = public

    async def handle(self, scope: Scope, headers: Headers, receive: Receive, send: Response) -> None:
        """Handle one request."""
        if self.comparison and self.comparison.gap and not scope["path"].startswith(OPEN_PATHS):
            await problems.answer(self.comparison.gap.problem(self.service))(scope, receive, send)
            return
        try:
            if scope["path"] not in self.public and not scope["path"].startswith(OPEN_PATHS):
                scope["state"]["caller"] = tokens.read(_bearer(headers))
                for fast_path in self.fast_paths:
                    if (path := fast_path.match(scope)) is not None:
                        replay = await fast_path.answer(scope, receive, send, self.database, path)
                        if replay is None:
                            return
                        receive = replay
        except Unauthenticated as refusal:
            refusal.headers["WWW-Authenticate"] = "Bearer"
            await problems.answer(refusal)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def refuse(self, scope: Scope, receive: Receive, problem: Problem, send: Send) -> None:
        """Answer with a problem."""
        await problems.answer(problem)(scope, receive, send)


def _bearer(headers: Headers) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send an Authorization header with a bearer token.")
    return token.strip()
