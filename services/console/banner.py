"""The banner after an act: shown once, on the page that follows, by a cookie that only this console can make."""

import hmac

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from services.console import sign_in

COOKIE = "attendance_done"
SECONDS = 60
"""How long a browser keeps it whose next page never came."""


def done_at(request: Request, address: str, done: str, *, signed_out: bool = False) -> Response:
    """Return the redirect to the page that follows an act, which shows once what was done: a word of `success_banner`.

    The cookie belongs to that page and to this sign-in: no address, no other page and no other person shows the banner.
    """
    path = address.partition("?")[0]
    value = f"{done}.{_proof('' if signed_out else _token(request), path, done)}"
    response = RedirectResponse(address, 303)
    response.set_cookie(COOKIE, value, SECONDS, path=path, httponly=True, samesite="strict", secure=sign_in.served_securely(request))
    return response


def banner_of(request: Request) -> str | None:
    """Return what the banner of this page is about; None where nothing was done, or it belongs to another page or person."""
    done, _, proof = request.cookies.get(COOKIE, "").partition(".")
    expected = _proof(_token(request), request.url.path, done)
    return done if hmac.compare_digest(proof.encode(), expected.encode()) else None


def shown_once(request: Request, response: Response) -> Response:
    """Return the page, which takes the cookie of its banner away."""
    response.delete_cookie(COOKIE, path=request.url.path, httponly=True, samesite="strict", secure=sign_in.served_securely(request))
    return response


def _token(request: Request) -> str:
    return request.cookies.get(sign_in.COOKIE, "")


def _proof(token: str, path: str, done: str) -> str:
    return hmac.new(f"banner {token}".encode(), f"{path} {done}".encode(), "sha256").hexdigest()
