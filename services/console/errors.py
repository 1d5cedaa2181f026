"""Error pages in plain English."""

from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse
from starlette.types import Receive, Scope, Send

from services.console.clients import PURPOSE, Refused, ServiceDown
from services.console.rendering import page
from services.console.sign_in import ForeignForm, SignInRequired, current_sign_in
from shared.http.problems import hung_up


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
        sentences=[sentence for sentence in sentences if sentence],
        trace_id=request.state.trace_id if status >= 500 else None,
    )


async def foreign_form_app(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse, as an ASGI application, a form that another site's page sent."""
    await _foreign_form(Request(scope), None)(scope, receive, send)


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
        502,
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
    titles = {405: "This page cannot be used like that", 413: "The form is too long", 400: "The form could not be read"}
    return error_page(request, error.status_code, titles.get(error.status_code, "This did not work"), "Go back and try again.")
