"""What a page needs to handle a request: who is signed in, and the services called on their behalf."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response

from services.console.clients import Services
from services.console.rendering import page
from services.console.sign_in import SignedIn, SignIn


@dataclass(frozen=True, slots=True)
class PageContext:
    """A request of a signed-in person, and the services as that person may use them."""

    request: Request
    sign_in: SignIn
    services: Services

    def render(self, template: str, *, status: int = 200, **variables: object) -> Response:
        """Return a page with these variables, and with the names of the services that did not respond."""
        services = self.services
        return page(
            template,
            self.sign_in,
            self.request.url.path,
            status=status,
            down=sorted(services.down),
            forbidden=sorted(services.forbidden),
            done=self.request.query_params.get("done"),
            **variables,
        )


async def _context(request: Request, sign_in: SignedIn) -> PageContext:
    return PageContext(request, sign_in, Services(request.app.state.http, request.app.state.settings, sign_in.token))


Context = Annotated[PageContext, Depends(_context)]
"""The context of the request that a page handles."""
