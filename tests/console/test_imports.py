"""Pages of imports: a file is sent, its progress and its refused lines are shown."""

from typing import Any

import pytest

from tests.console import responses
from tests.console.conftest import Browser, act_done
from tests.console.responses import IMPORT, UPN, URN
from tests.console.upstreams import Upstreams

FILE = ("marks.csv", b"UPN,Date,Session,Code\n")


async def test_imports_are_listed_and_of_one_school_too(browser: Browser, upstreams: Upstreams):
    await browser.sign_in("manager")

    html = (await browser.get("/imports")).text
    of_school = (await browser.get(f"/imports?urn={URN}")).text

    assert f'href="/imports/{IMPORT}"' in html
    assert "1,200 of 1,200" in html
    assert upstreams.requests[-1].query == {"urn": str(URN), "limit": "100"}
    assert f"/imports/new?urn={URN}" in of_school
    upstreams.respond_list("registers", "/v1/imports")
    assert "Nothing has been imported." in (await browser.get("/imports")).text
    assert "Nothing has been imported for this school." in (await browser.get(f"/imports?urn={URN}")).text


async def test_a_person_who_may_not_import_sees_why(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", "/v1/imports", {"title": "Forbidden", "detail": "This needs another role."}, status=403)
    await browser.sign_in("school", schools=(URN,))

    response = await browser.get("/imports")

    assert response.status_code == (await browser.get("/imports/new")).status_code == 403
    assert "This needs another role." in response.text
    assert ">Imports</a>" not in response.text


async def test_a_file_is_sent_on_with_its_mapping(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", "/v1/imports", responses.an_import(state="received"), method="POST", status=201)
    await browser.sign_in("manager")

    response = await browser.attach("/imports/new", FILE, urn=str(URN), format="csv", mapping='delimiter = ";"')

    assert act_done(response) == (303, f"/imports/{IMPORT}", "import")
    (sent,) = upstreams.posted()
    assert sent.query == {"urn": str(URN), "format": "csv"}
    assert len(sent.headers["idempotency-key"]) == 36
    assert sent.headers["content-type"].startswith("multipart/form-data")
    assert FILE[1] in sent.body
    assert b'filename="marks.csv"' in sent.body
    assert b'delimiter = ";"' in sent.body
    assert "The file is received." in (await browser.get(response.headers["location"])).text


async def test_a_file_longer_than_a_form_may_be_is_sent_on(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", "/v1/imports", responses.an_import(state="received"), method="POST", status=201)
    await browser.sign_in("manager")

    response = await browser.attach("/imports/new", ("long.csv", b"x" * 3_000_000), urn="", format="", mapping="")

    assert response.status_code == 303
    (sent,) = upstreams.posted()
    assert sent.query == {}
    assert sent.body.count(b"x" * 3_000_000) == 1


@pytest.mark.parametrize(
    ("file", "urn", "field", "text"),
    [(None, "", "file", "Choose a file"), (FILE, "12", "urn", "Enter a URN of six digits, or leave it empty")],
)
async def test_a_form_without_a_file_or_with_a_wrong_urn_shows_an_error(
    browser: Browser, upstreams: Upstreams, file: Any, urn: str, field: str, text: str
):
    await browser.sign_in("manager")

    response = await browser.attach("/imports/new", file, urn=urn)

    assert response.status_code == 422
    assert f'<a href="#{field}">{text}</a>' in response.text
    assert f'id="{field}-error"' in response.text
    assert upstreams.posted() == []


@pytest.mark.parametrize(
    ("status", "problem", "sentence"),
    [
        (
            422,
            {"title": "The file cannot be read", "detail": "No line has the titles UPN and Date."},
            "No line has the titles UPN and Date.",
        ),
        (404, {"title": "There is no such school"}, "There is no such school"),
        (503, {"title": "Unavailable"}, "does not answer"),
    ],
)
async def test_a_refused_file_is_shown_with_the_reason(browser: Browser, upstreams: Upstreams, status: int, problem: Any, sentence: str):
    upstreams.respond("registers", "/v1/imports", problem, method="POST", status=status)
    await browser.sign_in("manager")

    response = await browser.attach("/imports/new", FILE, urn=str(URN))

    assert response.status_code == (502 if status == 503 else status)
    assert sentence in response.text
    assert f'value="{URN}"' in response.text


async def test_a_form_with_a_file_from_elsewhere_is_refused(browser: Browser, upstreams: Upstreams):
    await browser.sign_in("manager")

    response = await browser.http.post("/imports/new", files={"file": FILE}, headers={"Origin": "https://elsewhere.test"})

    assert response.status_code == 403
    assert upstreams.posted() == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"state": "received", "total": None, "position": 0, "ended_at": None}, "The file waits to be read."),
        ({"state": "running", "total": None, "position": 0, "ended_at": None}, "The file is being read."),
        ({"state": "running", "position": 300, "ended_at": None}, "300 of 1,200 marks dealt with"),
        ({"state": "failed", "trouble": "The file breaks off."}, "The file breaks off."),
        ({"file_deleted_on": "2027-02-02"}, "deleted on 2 February 2027"),
    ],
)
async def test_the_progress_of_an_import_is_shown(browser: Browser, upstreams: Upstreams, changes: dict[str, Any], sentence: str):
    upstreams.respond("registers", f"/v1/imports/{IMPORT}", responses.an_import(**changes))
    await browser.sign_in("manager")

    html = (await browser.get(f"/imports/{IMPORT}")).text

    assert sentence in html
    assert ("Look again" in html) is (changes.get("state") in {"received", "running"})


async def test_refused_lines_are_shown_with_their_reasons_page_by_page(browser: Browser, upstreams: Upstreams):
    kept = responses.a_refused_line(number=9, line=10, reason="The pupil is not on the roll.", kept_apart=True)
    upstreams.respond_list("registers", f"/v1/imports/{IMPORT}/report", responses.a_refused_line(), kept, more="9")
    await browser.sign_in("manager")

    html = (await browser.get(f"/imports/{IMPORT}")).text

    assert "There is no such code." in html
    assert "It is kept, and taken in when the school and the roll that explain it are there." in html
    assert UPN in html
    assert f"/imports/{IMPORT}?after=9" in html
    upstreams.respond_list("registers", f"/v1/imports/{IMPORT}/report")
    assert "No line was refused." in (await browser.get(f"/imports/{IMPORT}")).text
    assert "There are no more refused lines." in (await browser.get(f"/imports/{IMPORT}?after=9")).text


async def test_the_report_is_handed_on_as_a_file(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", f"/v1/imports/{IMPORT}/report.csv", b"line,reason\n")
    await browser.sign_in("manager")

    response = await browser.get(f"/imports/{IMPORT}/report.csv")

    assert response.content == b"line,reason\n"
    assert response.headers["content-type"].startswith("text/csv")
    assert response.headers["content-disposition"] == f'attachment; filename="import-{IMPORT}.csv"'


async def test_deleted_lines_of_a_report_are_not_shown_as_none(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", f"/v1/imports/{IMPORT}", responses.an_import(rejected=3, report_deleted_on="2027-10-05"))
    upstreams.respond("registers", f"/v1/imports/{IMPORT}/report", {"items": [], "next": None})
    await browser.sign_in("manager")

    html = (await browser.get(f"/imports/{IMPORT}")).text

    assert "The lines were deleted on 5 October 2027" in html
    assert "No line was refused" not in html
