"""One visit to a page: who came, and what the services say to them."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from services.console.clients import Services
from services.console.rendering import page
from services.console.session import Session, SignedIn


@dataclass(frozen=True, slots=True)
class VisitInfo:
    """A signed-in person on a page."""

    request: Request
    session: Session
    services: Services

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """Return a page, naming the services that did not answer while it was made."""
        services = self.services
        return page(
            template,
            self.session,
            self.request.url.path,
            status=status,
            down=sorted(services.down),
            forbidden=sorted(services.forbidden),
            done=self.request.query_params.get("done"),
            **context,
        )


async def _visit(request: Request, session: SignedIn) -> VisitInfo:
    return VisitInfo(request, session, Services(request.app.state.http, request.app.state.settings, session.token))


Visit = Annotated[VisitInfo, Depends(_visit)]
"""The visit that a page answers."""
