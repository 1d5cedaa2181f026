"""What a page needs to handle a request: who is signed in, and the services called on their behalf."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response

from services.console.banner import banner_of, done_at, shown_once
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
        done = banner_of(self.request)
        response = page(
            template,
            self.sign_in,
            self.request.url.path,
            status=status,
            down=sorted(services.down),
            forbidden=sorted(services.forbidden),
            done=done,
            **variables,
        )
        return shown_once(self.request, response) if done else response

    def done(self, address: str, done: str) -> Response:
        """Return the redirect to the page that follows an act, with the banner that shows once what was done."""
        return done_at(self.request, address, done)


async def _context(request: Request, sign_in: SignedIn) -> PageContext:
    return PageContext(request, sign_in, Services(request.app.state.http, request.app.state.settings, sign_in.token))


Context = Annotated[PageContext, Depends(_context)]
"""The context of the request that a page handles."""
