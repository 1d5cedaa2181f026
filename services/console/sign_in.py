"""Who is signed in: an access token in a cookie, one-time sign-in links, and the token that proves a form to be ours."""

import hmac
import os
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request, Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from shared import clock
from shared.http import CallerInfo, tokens
from shared.problems import Unauthenticated

COOKIE = "attendance_session"
LINK_LIFETIME = timedelta(hours=24)
_CODE = re.compile(r"[A-Za-z0-9_-]{43}")


class SignInRequired(Exception):  # noqa: N818 -- redirects to the sign-in page
    """Nobody is signed in, or the token has run out."""


class ForeignForm(Exception):  # noqa: N818 -- named for what it refuses
    """A form came without the token of this sign-in, so not from one of our pages."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A person and the access token with which the services are called on their behalf."""

    token: str
    person: CallerInfo

    @property
    def form_token(self) -> str:
        """The hidden field of every form of this sign-in; nobody without the access token can compute it."""
        return hmac.new(self.token.encode(), b"console form", "sha256").hexdigest()


def read_token(token: str) -> SignIn:
    """Return the sign-in of a token; raise Unauthenticated where it is not valid or not a person's."""
    person = tokens.read(token)
    if person.has("service", "mis"):
        raise Unauthenticated("This token is for a machine, not for a person.")
    return SignIn(token, person)


def current_sign_in(request: Request) -> SignIn | None:
    """Return who is signed in, if anybody is."""
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    try:
        return read_token(token)
    except Unauthenticated:
        return None


async def _signed_in(request: Request) -> SignIn:
    sign_in = current_sign_in(request)
    if sign_in is None:
        raise SignInRequired
    return sign_in


SignedIn = Annotated[SignIn, Depends(_signed_in)]
"""The sign-in that a page needs; without one the person is redirected to the sign-in page."""


@asynccontextmanager
async def read_form(request: Request) -> AsyncIterator[FormData]:
    """Give the fields of a form, and close its files; refuse one that names an encoding of its own that its fields are not in."""
    try:
        form = await request.form()
        for name, value in form.multi_items():
            f"{name}{value if isinstance(value, str) else value.filename}".encode()
    except UnicodeError as error:
        await request.close()
        raise HTTPException(400) from error
    try:
        yield form
    finally:
        await form.close()


async def _form(request: Request, sign_in: SignedIn) -> AsyncIterator[FormData]:
    async with read_form(request) as form:
        sent = form.get("form_token")
        if not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), sign_in.form_token.encode()):
            raise ForeignForm
        yield form


Form = Annotated[FormData, Depends(_form)]
"""The fields that a signed-in person sent with one of our forms."""


def served_securely(request: Request) -> bool:
    """Return whether people reach the console by HTTPS alone, so that its cookies go by nothing else."""
    return (request.app.state.settings.public_url or "").startswith("https:")


def set_cookie(response: Response, token: str, *, secure: bool) -> None:
    """Sign a person in. The cookie goes when the browser closes; the token itself ends after a day."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure)


def delete_cookie(response: Response) -> None:
    """Sign a person out."""
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


def make_sign_in_link(folder: Path, token: str) -> str:
    """Store a token in a file of the data folder and return the path of the page that signs in with it, once, within 24 hours."""
    links = folder / "sign-in"
    links.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in links.iterdir():
        if not _fresh(old):
            old.unlink(missing_ok=True)
    code = secrets.token_urlsafe(32)
    with os.fdopen(os.open(links / code, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(token)
    return f"/sign-in/{code}"


def use_sign_in_link(folder: Path, code: str) -> str | None:
    """Return the token behind a code and use it up; None where it is unknown, used or too old."""
    if not _CODE.fullmatch(code):
        return None
    path = folder / "sign-in" / code
    try:
        fresh, token = _fresh(path), path.read_text(encoding="ascii")
        # Of two who come at once, only one finds a file to unlink.
        path.unlink()
    except FileNotFoundError:
        return None
    return token if fresh else None


def _fresh(path: Path) -> bool:
    return clock.now() - datetime.fromtimestamp(path.stat().st_mtime, UTC) < LINK_LIFETIME
