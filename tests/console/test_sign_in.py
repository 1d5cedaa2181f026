"""Who gets in, and whose forms are taken."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from services.console.sign_in import COOKIE, make_sign_in_link, use_sign_in_link
from shared import clock
from shared.http import tokens
from shared.settings import Settings
from tests.console.conftest import Browser, act_done
from tests.console.responses import CASE, UPN
from tests.console.upstreams import Upstreams

PAGES = [
    "/",
    "/cases",
    f"/cases/{CASE}",
    f"/cases/{CASE}/decision",
    "/pupils",
    "/files",
    f"/files/{CASE}",
    f"/letters/{CASE}.pdf",
    "/operations",
]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_redirects_to_the_sign_in_while_nobody_is_signed_in(browser: Browser, upstreams: Upstreams, path: str):
    response = await browser.get(path)

    assert response.status_code == 303
    assert response.headers["location"].startswith("/sign-in")
    assert upstreams.requests == []


async def test_a_token_signs_a_person_in_until_the_browser_closes(browser: Browser):
    token = tokens.issue("aco", name="Ann Officer")

    response = await browser.send("/sign-in", token=f"  {token}\n", next="/cases")

    assert (response.status_code, response.headers["location"]) == (303, "/cases")
    cookie = response.headers["set-cookie"]
    assert f"{COOKIE}={token}" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "expires" not in cookie.lower()
    assert "Ann Officer, Attendance compliance officer" in (await browser.get("/cases")).text


async def test_the_services_are_asked_with_the_persons_own_token(browser: Browser, upstreams: Upstreams):
    await browser.sign_in("aco")

    await browser.get("/")

    sent = {each.headers["authorization"] for each in upstreams.requests}
    assert sent == {f"Bearer {browser.http.cookies[COOKIE]}"}
    assert all(each.headers["traceparent"].startswith("00-") for each in upstreams.requests)


@pytest.mark.parametrize(
    ("token", "sentence"),
    [("", "Enter your access token"), ("nonsense", "not valid or has run out"), (tokens.issue("mis", schools=[100401]), "for a machine")],
)
async def test_a_token_that_is_no_persons_is_refused(browser: Browser, token: str, sentence: str):
    response = await browser.send("/sign-in", token=token)

    assert response.status_code == 422
    assert sentence in response.text
    assert 'href="#token"' in response.text
    assert COOKIE not in browser.http.cookies


async def test_a_token_that_has_run_out_asks_for_another(browser: Browser):
    await browser.sign_in("aco")

    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        response = await browser.get("/cases")

    assert (response.status_code, response.headers["location"]) == (303, "/sign-in?next=/cases")


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_a_sign_in_never_redirects_to_another_site(browser: Browser, path: str):
    response = await browser.send("/sign-in", token=tokens.issue("aco"), next=path)

    assert response.headers["location"] == "/"


async def test_a_sign_out_ends_the_sign_in(browser: Browser):
    await browser.sign_in("aco")

    response = await browser.fill_in("/cases", to="/sign-out")

    assert act_done(response) == (303, "/sign-in", "signed-out")
    assert (await browser.get("/cases")).status_code == 303


async def test_a_sign_in_link_works_once_and_only_by_post(browser: Browser, settings: Settings):
    path = make_sign_in_link(settings.data, tokens.issue("manager", name="Mo Lead"))

    looked = [await browser.get(path) for _ in range(2)]
    first, second = [await browser.send(path) for _ in range(2)]

    assert all("Sign in" in page.text and COOKIE not in page.headers.get("set-cookie", "") for page in looked)
    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert second.status_code == 410


async def test_a_sign_in_link_is_a_file_that_only_its_owner_can_read(tmp_path: Path):
    make_sign_in_link(tmp_path, "token")

    (file,) = (tmp_path / "sign-in").iterdir()
    assert oct(file.stat().st_mode)[-3:] == "600"
    assert oct(file.parent.stat().st_mode)[-3:] == "700"


async def test_a_sign_in_link_older_than_a_day_signs_nobody_in(tmp_path: Path):
    code = make_sign_in_link(tmp_path, "token").removeprefix("/sign-in/")
    yesterday = clock.now().timestamp() - 24 * 3600 - 1
    os.utime(tmp_path / "sign-in" / code, (yesterday, yesterday))

    assert use_sign_in_link(tmp_path, code) is None


@pytest.mark.parametrize("code", ["../token.key", "..", "", "a" * 43, "x" * 500])
async def test_a_code_that_was_never_made_signs_nobody_in(tmp_path: Path, code: str):
    (tmp_path / "token.key").write_text("secret", encoding="ascii")

    assert use_sign_in_link(tmp_path, code) is None


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://console.test.evil.example", "http://console.test:81"])
async def test_a_form_on_another_site_s_page_is_refused(browser: Browser, upstreams: Upstreams, origin: str):
    await browser.sign_in("aco")
    upstreams.requests.clear()

    response = await browser.send(f"/cases/{CASE}/decision", origin=origin, decision="support", reason="x")

    assert response.status_code == 403
    assert "This form cannot be accepted" in response.text
    assert upstreams.requests == []


@pytest.mark.parametrize(
    "path", [f"/cases/{CASE}/decision", "/pupils", "/sign-out", "/operations/penalties/7/replay", "/operations/penalties/7/dismissal"]
)
@pytest.mark.parametrize("form_token", ["", "guessed"])
async def test_a_form_without_the_token_of_its_sign_in_is_refused(browser: Browser, upstreams: Upstreams, path: str, form_token: str):
    await browser.sign_in("aco")

    response = await browser.send(path, form_token=form_token, decision="support", reason="x", upn=UPN)

    assert response.status_code == 403
    assert upstreams.requests == []
