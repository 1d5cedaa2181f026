"""Error pages in plain English."""

from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from services.console.addresses import OWN_PATH, host_of
from services.console.clients import PURPOSE, Refused, ServiceDown
from services.console.rendering import page
from services.console.sign_in import ForeignForm, SignInRequired, current_sign_in
from services.console.wording import with_days_in_full
from shared.http.edge import Overloaded
from shared.http.problems import hung_up
from shared.problems import Problem, TooLong

_EXPLAINED: dict[type[Problem], tuple[str, ...]] = {
    TooLong: ("What you sent is too long", "Nothing of it was stored.", "Go back and send a shorter text or a smaller file."),
    Overloaded: (
        "Too many people are using this at the moment",
        "Wait a few seconds and load the page again.",
        "If you sent a form, nothing of it was stored. Go back and send it again.",
    ),
}
"""What a person reads where the edge refuses a request: title and sentences."""


def add_handlers(app: FastAPI) -> None:
    """Make the console respond to every error with a page."""
    app.add_exception_handler(SignInRequired, _sign_in)
    app.add_exception_handler(ForeignForm, _foreign_form)
    app.add_exception_handler(ServiceDown, _service_down)  # type: ignore[arg-type]  # Starlette's handlers are not generic
    app.add_exception_handler(Refused, _refused)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _http_error)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _not_found)
    app.add_exception_handler(ClientDisconnect, hung_up)


def error_page(request: Request, status: int, title: str, *sentences: str) -> Response:
    """Return a page with what went wrong and what the person can do."""
    return page(
        "error.html",
        current_sign_in(request),
        request.url.path,
        status=status,
        title=title,
        sentences=[with_days_in_full(sentence) for sentence in sentences if sentence],
        back=_page_before(request),
        trace_id=request.state.trace_id if status >= 500 else None,
    )


def _page_before(request: Request) -> str | None:
    """Return the address of our page that the person came from: browsers name it, within this site alone."""
    address = request.headers.get("referer", "")
    path = "/" + address.partition("://")[2].partition("/")[2]
    ours = host_of(address) in {request.headers.get("host"), host_of(request.app.state.settings.public_url or "")} - {None, ""}
    itself = request.method == "GET" and path.partition("?")[0] == request.url.path
    return path if ours and OWN_PATH.fullmatch(path) and not itself else None


async def foreign_form_app(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse, as an ASGI application, a form that another site's page sent."""
    await _foreign_form(Request(scope), None)(scope, receive, send)


def problem_app(problem: Problem) -> ASGIApp:
    """Return an ASGI application that responds with a page about a problem."""

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        sentences = _EXPLAINED.get(type(problem), (problem.title(), problem.detail))
        await error_page(Request(scope), problem.status, *sentences)(scope, receive, send)

    return respond


async def server_error_app(scope: Scope, receive: Receive, send: Send) -> None:
    """Respond, as an ASGI application, to an unexpected error with a page that shows only the trace id."""
    await error_page(Request(scope), 500, "Sorry, there is a problem with this page", "Try again later. What you entered was not kept.")(
        scope, receive, send
    )


def _sign_in(request: Request, _error: Exception) -> Response:
    back = f"?next={quote(request.url.path)}" if request.method == "GET" and request.url.path != "/" else ""
    return RedirectResponse(f"/sign-in{back}", 303)


def _foreign_form(request: Request, _error: Exception | None) -> Response:
    return error_page(
        request,
        403,
        "This form cannot be accepted",
        "It did not come from a page of this service, or you have signed in again since the page was opened. Nothing was changed.",
        "Go back, load the page again, and send the form once more.",
    )


def _service_down(request: Request, error: ServiceDown) -> Response:
    return error_page(
        request,
        error.status,
        f"{error.service} does not answer at the moment",
        f"This page needs the service for {PURPOSE[error.service]}. The other pages still work.",
        "Try again in a minute. If you sent a form, it may have arrived: look before you send it again.",
    )


def _refused(request: Request, error: Refused) -> Response:
    if error.status == 401:
        return _sign_in(request, error)
    if error.status == 403:
        return error_page(request, 403, "This is not for you to see or do", error.detail, "Your access token does not reach it.")
    if error.status == 404:
        return _not_found(request, error)
    return error_page(request, error.status, error.title, error.detail)


def _not_found(request: Request, _error: Exception) -> Response:
    return error_page(
        request,
        404,
        "Page not found",
        "If you typed the address, check that it is right.",
        "What it showed may belong to another authority.",
    )


def _http_error(request: Request, error: HTTPException) -> Response:
    if error.status_code == 404:
        return _not_found(request, error)
    if error.status_code == TooLong.status:
        return error_page(request, TooLong.status, *_EXPLAINED[TooLong])
    titles = {405: "This page cannot be used like that", 400: "The form could not be read"}
    return error_page(request, error.status_code, titles.get(error.status_code, "This did not work"), "Go back and try again.")
