"""Signing in by an access token or a one-time link, and signing out."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from services.console.addresses import OWN_PATH
from services.console.banner import banner_of, done_at, shown_once
from services.console.errors import error_page
from services.console.rendering import page
from services.console.sign_in import Form, delete_cookie, read_form, read_token, served_securely, set_cookie, use_sign_in_link
from shared.problems import Unauthenticated

router = APIRouter()


@router.get("/sign-in")
async def ask_for_token(request: Request, next_path: Annotated[str, Query(alias="next", max_length=500)] = "/") -> Response:
    """Ask for an access token."""
    done = banner_of(request)
    response = page("sign_in.html", None, request.url.path, next=_own_path_or_root(next_path), errors=[], done=done)
    return shown_once(request, response) if done else response


@router.post("/sign-in")
async def take_token(request: Request) -> Response:
    """Sign in with an access token."""
    async with read_form(request) as form:
        token = "".join(str(form.get("token", "")).removeprefix("Bearer ").split())
        next_path = _own_path_or_root(str(form.get("next", "/")))
    if not token:
        errors = [("token", "Enter your access token")]
        return page("sign_in.html", None, request.url.path, status=422, next=next_path, errors=errors)
    try:
        return _signed_in(request, token, next_path)
    except Unauthenticated as refusal:
        return page("sign_in.html", None, request.url.path, status=422, next=next_path, errors=[("token", refusal.detail)])


@router.get("/sign-in/{code}")
async def show_link(request: Request, code: str) -> Response:
    """Ask before a one-time link is used: programs that preview links only send GET."""
    return page("sign_in_link.html", None, request.url.path, code=code)


@router.post("/sign-in/{code}")
async def take_link(request: Request, code: str) -> Response:
    """Sign in with a one-time link."""
    token = use_sign_in_link(request.app.state.settings.data, code)
    try:
        if token:
            return _signed_in(request, token, "/")
    except Unauthenticated:
        pass
    return error_page(request, 410, "This link has been used or has run out", "Ask for a new one, or sign in with an access token.")


@router.post("/sign-out")
async def sign_out(request: Request, _form: Form) -> Response:
    """Sign out. The token itself stays valid until it runs out."""
    response = done_at(request, "/sign-in", "signed-out", signed_out=True)
    delete_cookie(response)
    return response


def _signed_in(request: Request, token: str, next_path: str) -> Response:
    read_token(token)
    response = RedirectResponse(next_path, 303)
    set_cookie(response, token, secure=served_securely(request))
    return response


def _own_path_or_root(path: str) -> str:
    return path if OWN_PATH.fullmatch(path) else "/"
