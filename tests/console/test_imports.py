"""Pages of imports: a file is sent, its progress and its refused lines are shown."""

from typing import Any

import pytest

from tests.console import answers
from tests.console.answers import IMPORT, UPN, URN
from tests.console.conftest import Browser
from tests.console.upstreams import Upstreams

FILE = ("marks.csv", b"UPN,Date,Session,Code\n")


async def test_imports_are_listed_and_of_one_school_too(browser: Browser, upstreams: Upstreams):
    await browser.sign_in("manager")

    html = (await browser.get("/imports")).text
    of_school = (await browser.get(f"/imports?urn={URN}")).text

    assert f'href="/imports/{IMPORT}"' in html
    assert "1,200 of 1,200" in html
    assert upstreams.asked[-1].query == {"urn": str(URN), "limit": "100"}
    assert f"/imports/new?urn={URN}" in of_school
    upstreams.listing("registers", "/v1/imports")
    assert "Nothing has been imported." in (await browser.get("/imports")).text
    assert "Nothing has been imported for this school." in (await browser.get(f"/imports?urn={URN}")).text


async def test_who_may_not_import_is_told_so(browser: Browser, upstreams: Upstreams):
    upstreams.say("registers", "/v1/imports", {"title": "Forbidden", "detail": "This needs another role."}, status=403)
    await browser.sign_in("school", schools=(URN,))

    answer = await browser.get("/imports")

    assert answer.status_code == (await browser.get("/imports/new")).status_code == 403
    assert "This needs another role." in answer.text
    assert ">Imports</a>" not in answer.text


async def test_a_file_is_sent_on_with_its_mapping(browser: Browser, upstreams: Upstreams):
    upstreams.say("registers", "/v1/imports", answers.an_import(state="received"), method="POST", status=201)
    await browser.sign_in("manager")

    answer = await browser.attach("/imports/new", FILE, urn=str(URN), format="csv", mapping='delimiter = ";"')

    assert (answer.status_code, answer.headers["location"]) == (303, f"/imports/{IMPORT}?done=import")
    (sent,) = upstreams.posted()
    assert sent.query == {"urn": str(URN), "format": "csv"}
    assert len(sent.headers["idempotency-key"]) == 36
    assert sent.headers["content-type"].startswith("multipart/form-data")
    assert FILE[1] in sent.body
    assert b'filename="marks.csv"' in sent.body
    assert b'delimiter = ";"' in sent.body
    assert "The file is received." in (await browser.get(answer.headers["location"])).text


async def test_a_file_longer_than_a_form_may_be_is_sent_on(browser: Browser, upstreams: Upstreams):
    upstreams.say("registers", "/v1/imports", answers.an_import(state="received"), method="POST", status=201)
    await browser.sign_in("manager")

    answer = await browser.attach("/imports/new", ("long.csv", b"x" * 3_000_000), urn="", format="", mapping="")

    assert answer.status_code == 303
    (sent,) = upstreams.posted()
    assert sent.query == {}
    assert sent.body.count(b"x" * 3_000_000) == 1


@pytest.mark.parametrize(
    ("file", "urn", "field", "text"),
    [(None, "", "file", "Choose a file"), (FILE, "12", "urn", "Enter a URN of six digits, or leave it empty")],
)
async def test_what_is_missing_is_said(browser: Browser, upstreams: Upstreams, file: Any, urn: str, field: str, text: str):
    await browser.sign_in("manager")

    answer = await browser.attach("/imports/new", file, urn=urn)

    assert answer.status_code == 422
    assert f'<a href="#{field}">{text}</a>' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert upstreams.posted() == []


@pytest.mark.parametrize(
    ("status", "problem", "said"),
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
async def test_a_file_that_is_refused_is_told_why(browser: Browser, upstreams: Upstreams, status: int, problem: Any, said: str):
    upstreams.say("registers", "/v1/imports", problem, method="POST", status=status)
    await browser.sign_in("manager")

    answer = await browser.attach("/imports/new", FILE, urn=str(URN))

    assert answer.status_code == (502 if status == 503 else status)
    assert said in answer.text
    assert f'value="{URN}"' in answer.text


async def test_a_form_with_a_file_from_elsewhere_is_refused(browser: Browser, upstreams: Upstreams):
    await browser.sign_in("manager")

    answer = await browser.http.post("/imports/new", files={"file": FILE}, headers={"Origin": "https://elsewhere.test"})

    assert answer.status_code == 403
    assert upstreams.posted() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": "received", "total": None, "position": 0, "ended_at": None}, "The file waits to be read."),
        ({"state": "running", "total": None, "position": 0, "ended_at": None}, "The file is being read."),
        ({"state": "running", "position": 300, "ended_at": None}, "300 of 1,200 marks dealt with"),
        ({"state": "failed", "trouble": "The file breaks off."}, "The file breaks off."),
        ({"file_deleted_on": "2027-02-02"}, "deleted on 2 February 2027"),
    ],
)
async def test_how_far_an_import_has_come_is_told(browser: Browser, upstreams: Upstreams, changes: dict[str, Any], said: str):
    upstreams.say("registers", f"/v1/imports/{IMPORT}", answers.an_import(**changes))
    await browser.sign_in("manager")

    html = (await browser.get(f"/imports/{IMPORT}")).text

    assert said in html
    assert ("Look again" in html) is (changes.get("state") in {"received", "running"})


async def test_refused_lines_are_shown_with_their_reasons_page_by_page(browser: Browser, upstreams: Upstreams):
    kept = answers.a_refused_line(number=9, line=10, reason="The pupil is not on the roll.", kept_apart=True)
    upstreams.listing("registers", f"/v1/imports/{IMPORT}/report", answers.a_refused_line(), kept, more="9")
    await browser.sign_in("manager")

    html = (await browser.get(f"/imports/{IMPORT}")).text

    assert "There is no such code." in html
    assert "It is kept, and taken in when a roll explains it." in html
    assert UPN in html
    assert f"/imports/{IMPORT}?after=9" in html
    upstreams.listing("registers", f"/v1/imports/{IMPORT}/report")
    assert "No line was refused." in (await browser.get(f"/imports/{IMPORT}")).text
    assert "There are no more refused lines." in (await browser.get(f"/imports/{IMPORT}?after=9")).text


async def test_the_report_is_handed_on_as_a_file(browser: Browser, upstreams: Upstreams):
    upstreams.say("registers", f"/v1/imports/{IMPORT}/report.csv", b"line,reason\n")
    await browser.sign_in("manager")

    answer = await browser.get(f"/imports/{IMPORT}/report.csv")

    assert answer.content == b"line,reason\n"
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="import-{IMPORT}.csv"'


async def test_that_the_refused_lines_are_deleted_is_told_and_not_that_there_were_none(browser: Browser, upstreams: Upstreams):
    upstreams.say("registers", f"/v1/imports/{IMPORT}", answers.an_import(rejected=3, report_deleted_on="2027-10-05"))
    upstreams.say("registers", f"/v1/imports/{IMPORT}/report", {"items": [], "next": None})
    await browser.sign_in("manager")

    html = (await browser.get(f"/imports/{IMPORT}")).text

    assert "The lines were deleted on 5 October 2027" in html
    assert "No line was refused" not in html
