"""What the console does not take is explained on a page that a person can read, with a way on."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from services.console.app import MAX_FORM
from services.console.clients import ServiceDown, Services
from shared.http import edge
from shared.settings import Settings
from tests.console.conftest import ORIGIN, Browser, text
from tests.console.mergers import PROPOSAL
from tests.console.responses import CASE
from tests.console.upstreams import Upstreams


async def _pieces() -> AsyncIterator[bytes]:
    for _ in range(5):
        yield b"x" * (MAX_FORM // 4)


def _is_a_page(response: httpx2.Response) -> bool:
    """Return whether a response is a page of the console, guarded as every page is, with a link to go on."""
    return (
        response.headers["content-type"].startswith("text/html")
        and "content-security-policy" in response.headers
        and "x-trace-id" in response.headers
        and response.text.count("<h1") == 1
        and '<a class="govuk-link" href="/">' in response.text
    )


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/pupils", f"/cases/{CASE}/decision", "/imports/new", "/nowhere"])
@pytest.mark.parametrize("declared", [True, False])
async def test_a_form_that_is_too_long_is_refused_with_a_page(browser: Browser, path: str, declared: bool):
    await browser.sign_in("manager")
    length = {"Content-Length": str(10**12)} if declared else {}
    headers = {"Origin": ORIGIN, "Content-Type": "application/x-www-form-urlencoded", **length}

    response = await browser.http.post(path, content=b"x" if declared else _pieces(), headers=headers)

    if declared:
        assert response.status_code == 413
    assert _is_a_page(response)
    if response.status_code == 413:
        assert "What you sent is too long Nothing of it was stored. Go back and send" in text(response.text)


async def test_more_pages_than_can_be_worked_on_are_refused_with_a_page(browser: Browser, monkeypatch: pytest.MonkeyPatch):
    await browser.sign_in("manager")
    monkeypatch.setattr(edge, "MAX_IN_WORK", 0)

    response = await browser.get("/cases")

    assert (response.status_code, response.headers["retry-after"]) == (503, "10")
    assert _is_a_page(response)
    assert "Wait a few seconds and load the page again" in text(response.text)


async def test_a_page_whose_service_has_too_much_to_do_names_the_time_to_try_again(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", f"/v1/cases/{CASE}", {"title": "Too many requests"}, status=503, headers={"Retry-After": "1"})
    await browser.sign_in("manager")

    response = await browser.get(f"/cases/{CASE}")

    assert (response.status_code, response.headers["retry-after"]) == (503, "10")
    assert _is_a_page(response)
    assert "penalties does not answer at the moment" in text(response.text)


@pytest.mark.parametrize(("error", "status"), [(httpx2.ReadTimeout, 503), (httpx2.PoolTimeout, 503), (httpx2.ConnectError, 502)])
async def test_a_service_that_takes_too_long_has_only_too_much_to_do(settings: Settings, error: type[httpx2.HTTPError], status: int):
    def fail(_request: httpx2.Request) -> httpx2.Response:
        raise error("no answer")

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(fail)) as http:
        with pytest.raises(ServiceDown) as down:
            await Services(http, settings, "token").get("penalties", "/v1/cases", dict)

    assert down.value.status == status


async def test_an_action_that_a_busy_service_did_not_take_can_be_sent_again(browser: Browser, upstreams: Upstreams):
    path = f"/v1/merger-proposals/{PROPOSAL}"
    upstreams.respond("registers", path, {"title": "Busy"}, method="POST", status=503, headers={"Retry-After": "1"})
    await browser.sign_in("manager")

    response = await browser.fill_in(f"/mergers/{PROPOSAL}", same="no", reason="Two children.")

    assert (response.status_code, response.headers["retry-after"]) == (503, "10")
    assert "Send it again" in response.text
    assert "Go back without sending" in response.text


async def test_a_refusal_leads_back_to_the_page_before(browser: Browser, upstreams: Upstreams):
    await browser.sign_in("manager")
    hidden = await browser.hidden("/imports/new")

    response = await browser.http.post(
        "/cases/nothing/decision", data=hidden, headers={"Origin": ORIGIN, "Referer": f"{ORIGIN}/cases?status=closed"}
    )
    others = [
        await browser.http.get("/nowhere", headers={"Referer": address})
        for address in ("https://elsewhere.example/cases", f"{ORIGIN}/nowhere", f"{ORIGIN}//elsewhere.example/", "http://[", "nothing")
    ]

    assert '<a class="govuk-link" href="/cases?status=closed">Go back</a>' in response.text
    assert [(each.status_code, "Go back</a>" in each.text) for each in others] == [(404, False)] * 5


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "\\", "http://x]", "null", "", " "])
async def test_a_form_whose_origin_is_no_address_is_refused(browser: Browser, origin: str):
    response = await browser.send("/sign-in", origin=origin, token="x")

    assert response.status_code == 403
    assert _is_a_page(response)


ENCODED = b'--b\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n%s\r\n--b--\r\n'


@pytest.mark.parametrize(
    ("charset", "value"), [("utf-7", b"+2AA-"), ("unicode_escape", b"\\ud800"), ("punycode", b"a..b"), ("idna", b"xn--a-")]
)
@pytest.mark.parametrize("path", ["/sign-in", "/pupils"])
async def test_a_form_in_an_encoding_of_its_own_that_is_no_text_is_refused(browser: Browser, path: str, charset: str, value: bytes):
    await browser.sign_in("manager")
    headers = {"Origin": ORIGIN, "Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}

    response = await browser.http.post(path, content=ENCODED % value, headers=headers)

    assert response.status_code == 400
    assert "The form could not be read" in response.text
    assert _is_a_page(response)


async def test_a_part_of_a_file_that_there_is_not_is_refused_with_a_page(browser: Browser):
    response = await browser.http.get("/assets/console.css", headers={"Range": "bytes=99999999-"})

    assert response.status_code == 416
    assert _is_a_page(response)
