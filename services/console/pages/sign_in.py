"""Signing in by an access token or a one-time link, and signing out."""

import re
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from services.console import session as sessions
from services.console.rendering import page
from services.console.session import Form
from services.console.trouble import say
from shared.problems import Unauthenticated

router = APIRouter()

_OWN_PATH = re.compile(r"/(?![/\\])[!-~]*")


@router.get("/sign-in")
async def ask_for_token(request: Request, next_path: Annotated[str, Query(alias="next", max_length=500)] = "/") -> Response:
    """Ask for an access token."""
    return page("sign_in.html", None, request.url.path, next=_own(next_path), errors=[], done=request.query_params.get("done"))


@router.post("/sign-in")
async def take_token(request: Request) -> Response:
    """Sign in with an access token."""
    form = await request.form()
    token = "".join(str(form.get("token", "")).removeprefix("Bearer ").split())
    next_path = _own(str(form.get("next", "/")))
    if not token:
        errors = [("token", "Enter your access token")]
        return page("sign_in.html", None, request.url.path, status=422, next=next_path, errors=errors)
    try:
        return _signed_in(request, token, next_path)
    except Unauthenticated as refusal:
        return page("sign_in.html", None, request.url.path, status=422, next=next_path, errors=[("token", refusal.detail)])


@router.get("/sign-in/{code}")
async def show_link(request: Request, code: str) -> Response:
    """Ask before a one-time link is used: programs that preview links only ever look."""
    return page("sign_in_link.html", None, request.url.path, code=code)


@router.post("/sign-in/{code}")
async def take_link(request: Request, code: str) -> Response:
    """Sign in with a one-time link."""
    token = sessions.use_sign_in_link(request.app.state.settings.data, code)
    try:
        if token:
            return _signed_in(request, token, "/")
    except Unauthenticated:
        pass
    return say(request, 410, "This link has been used or has run out", "Ask for a new one, or sign in with an access token.")


@router.post("/sign-out")
async def sign_out(_form: Form) -> Response:
    """Sign out. The token itself stands until it runs out."""
    answer = RedirectResponse("/sign-in?done=signed-out", 303)
    sessions.end(answer)
    return answer


def _signed_in(request: Request, token: str, next_path: str) -> Response:
    sessions.read_token(token)
    answer = RedirectResponse(next_path, 303)
    sessions.start(answer, token, secure=(request.app.state.settings.public_url or "").startswith("https:"))
    return answer


def _own(path: str) -> str:
    return path if _OWN_PATH.fullmatch(path) else "/"
