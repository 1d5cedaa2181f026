"""Letters that were requested, made or posted while the clock was ahead."""

import asyncio
import io
from typing import Any

import pypdf
import pytest
from sqlalchemy import text

from services.notifications.app import SERVICE
from services.notifications.use_cases.letters import post
from services.notifications.use_cases.letters.dates import correct_dates
from services.notifications.use_cases.letters.make import make_letters
from shared.contracts.penalties import NoticeIssued
from shared.database import Database
from tests.notifications.examples import a_notice_issued, answers
from tests.notifications.test_letters import about, work
from tests.notifications.upstreams import PostOffice, Upstreams
from tests.support import ApiClient, deliver

AHEAD = "2026-10-31"


async def clock_was_ahead(database: Database, columns: str) -> None:
    """Store instants of letters as a clock would have that was 40 days ahead."""
    ahead = ", ".join(f"{column} = {column} + interval '40 days'" for column in columns.split())
    async with database.begin() as tx:
        await tx.execute(text(f"UPDATE letters SET {ahead}"))


@pytest.mark.parametrize("columns", ["requested_at next_attempt_at", "next_attempt_at"])
async def test_a_letter_that_was_requested_while_the_clock_was_ahead_is_sent_when_the_clock_is_right(
    database: Database, api: ApiClient, upstreams: Upstreams, post_office: PostOffice, columns: str
) -> None:
    event = a_notice_issued()
    upstreams.answers |= answers(event)
    await deliver(database, SERVICE, event)
    await clock_was_ahead(database, columns)

    await work(database)

    assert [each["status"] for each in await about(api, event)] == ["served"]


async def test_a_letter_whose_clock_was_a_day_ahead_waits_for_the_post_office_between_attempts(
    database: Database, api: ApiClient, upstreams: Upstreams, post_office: PostOffice
) -> None:
    event = a_notice_issued()
    upstreams.answers |= answers(event)
    await deliver(database, SERVICE, event)
    async with database.begin() as tx:
        await tx.execute(text("UPDATE letters SET requested_at = now() + interval '1 day', next_attempt_at = now() + interval '1 day'"))
    post_office.away = True

    for _ in range(3):
        await work(database)

    async with database.begin() as tx:
        assert (await tx.execute(text("SELECT status, attempts FROM letters"))).one() == ("made", 1)


async def letters_of(api: ApiClient, **query: str) -> list[dict[str, Any]]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    items: list[dict[str, Any]] = (await api.as_("aco").get(f"/v1/letters?{asked}")).json()["items"]
    return items


async def printed_text(api: ApiClient, letter: dict[str, Any]) -> str:
    pdf = await api.as_("aco").get(f"/v1/letters/{letter['id']}.pdf")
    return " ".join("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf.content)).pages).split())


async def correct(database: Database) -> None:
    while await correct_dates(database):
        pass


async def a_letter_dated_ahead(
    database: Database, upstreams: Upstreams, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch, *, posted: bool
) -> NoticeIssued:
    """A notice whose letter was made, and posted, while the date was 40 days ahead."""
    event = a_notice_issued()
    upstreams.answers |= answers(event)
    monkeypatch.setenv("ATTENDANCE_TODAY", AHEAD)
    await deliver(database, SERVICE, event)
    if posted:
        await work(database)
    else:
        await make_letters(database)
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-09-22")
    return event


async def test_a_letter_that_was_made_with_a_day_that_lies_ahead_is_made_anew_before_it_is_posted(
    database: Database, api: ApiClient, upstreams: Upstreams, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await a_letter_dated_ahead(database, upstreams, post_office, monkeypatch, posted=False)

    await correct(database)
    await work(database)

    (letter,) = await about(api, event)
    assert (letter["status"], letter["made_on"], letter["misdated_on"]) == ("served", "2026-09-22", None)
    assert await letters_of(api, misdated="true") == []


async def test_a_letter_that_is_being_posted_when_the_date_goes_back_is_named_and_not_posted_twice(
    database: Database, api: ApiClient, upstreams: Upstreams, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await a_letter_dated_ahead(database, upstreams, post_office, monkeypatch, posted=False)
    hand_over = post._hand_over

    async def meanwhile(*given: Any) -> Any:
        await correct(database)
        return await hand_over(*given)

    monkeypatch.setattr(post, "_hand_over", meanwhile)

    await work(database)

    (letter,) = await about(api, event)
    assert (letter["status"], letter["made_on"], letter["misdated_on"]) == ("served", AHEAD, "2026-09-22")


async def test_a_letter_that_went_out_with_a_day_that_lay_ahead_is_named_until_an_officer_decides(
    database: Database, api: ApiClient, upstreams: Upstreams, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await a_letter_dated_ahead(database, upstreams, post_office, monkeypatch, posted=True)
    await correct(database)
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-12-01")
    await correct(database)
    (named,) = await letters_of(api, misdated="true")
    assert (named["about"], named["made_on"], named["misdated_on"]) == (str(event.notice_id), AHEAD, "2026-09-22")

    answer = {"corrects": True, "reason": "The parent asked which day is right."}
    path = f"/v1/letters/{named['id']}/date-decision"
    decided = await api.as_("aco", name="Ann Officer").post(path, answer)
    again = await api.as_("aco", name="Bob Officer").post(path, answer)
    await work(database)

    assert decided.status_code == 201, decided.text
    assert decided.json()["date_decision"] == {"decided_by": "Ann Officer", "decided_by_role": "aco", **answer}
    assert again.status_code == 409
    assert await letters_of(api, misdated="true") == []
    sent = {each["kind"]: each for each in await about(api, event)}
    assert sent["correction"]["status"] == "served"
    printed = await printed_text(api, sent["correction"])
    assert "A wrong date on a letter to you" in printed
    assert "Notice to Improve, dated Saturday 31 October 2026" in printed


async def test_an_officer_decides_that_no_letter_is_needed_about_a_wrong_date(
    database: Database, api: ApiClient, upstreams: Upstreams, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await a_letter_dated_ahead(database, upstreams, post_office, monkeypatch, posted=True)
    await correct(database)
    (named,) = await letters_of(api, misdated="true")

    answer = {"corrects": False, "reason": "Said on the telephone."}
    decided = await api.as_("manager", name="Ann Officer").post(f"/v1/letters/{named['id']}/date-decision", answer)

    assert decided.status_code == 201
    assert await letters_of(api, misdated="true") == []
    assert [each["kind"] for each in await about(api, event)] == ["notice-to-improve"]


async def test_officers_who_decide_at_once_about_a_wrong_date_are_one_decision_and_one_letter(
    database: Database, api: ApiClient, upstreams: Upstreams, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await a_letter_dated_ahead(database, upstreams, post_office, monkeypatch, posted=True)
    await correct(database)
    (named,) = await letters_of(api, misdated="true")
    officer, answer = api.as_("aco", name="Ann Officer"), {"corrects": True, "reason": "It went out."}

    decided = await asyncio.gather(*(officer.post(f"/v1/letters/{named['id']}/date-decision", answer) for _ in range(4)))

    assert sorted(each.status_code for each in decided) == [201, 409, 409, 409]
    assert [each["kind"] for each in await about(api, event)] == ["notice-to-improve", "correction"]
