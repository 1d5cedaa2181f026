"""What a person reads whose browser sends no request that a server can read."""

from http import HTTPStatus

from services.console.rendering import page
from shared.http.connections import Connection


class PageConnection(Connection):
    """A connection that refuses with a page."""

    def refusal(self, status: HTTPStatus, title: str) -> tuple[str, bytes]:
        """Return the media type and the body of a refusal: a page, for nobody in particular."""
        sentences = ["Go back and try again. If this was a link or a bookmark, open the page from the menu instead."]
        response = page("error.html", None, "", status=status, title=title, sentences=sentences, back=None, trace_id=None)
        return response.headers["content-type"], bytes(response.body)
