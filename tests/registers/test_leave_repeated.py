"""The same request for leave, sent again: one request, one decision."""

import asyncio

import pytest

from tests.registers.given import A, scalar
from tests.registers.test_leave import a_family, a_request, ask, decide_it


@pytest.fixture(autouse=True)
def _before_the_leave(monkeypatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-11-09")


async def test_the_same_request_again_is_the_one_that_stands(api, database, monkeypatch):
    await a_family(api)
    first = await a_request(api, asked_on="2026-11-09")
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-11-12")

    again = await ask(api, role="mis", parent_ref=None, parent_id=first["parent_id"])

    assert (again.status_code, again.json()) == (200, first)
    assert await scalar(database, "SELECT count(*) FROM leave_requests") == 1


@pytest.mark.parametrize("other", [{"reason": "A funeral."}, {"asked_on": "2026-11-08"}])
async def test_the_same_days_with_another_reason_or_day_of_asking_name_the_request_that_stands(api, other):
    await a_family(api)
    first = await a_request(api)

    refused = await ask(api, **other)

    assert refused.status_code == 409
    assert first["id"] in refused.json()["detail"]
    assert "funeral" not in refused.text


@pytest.mark.parametrize("other", [{"parent_ref": "C2"}, {"to": "2026-11-19"}, {"from": "2026-11-13"}])
async def test_another_parent_or_other_days_are_another_request(api, other):
    await a_family(api)
    first = await a_request(api)

    second = await a_request(api, **other)

    assert second["id"] != first["id"]


@pytest.mark.parametrize("end", ["decided", "withdrawn"])
async def test_leave_that_was_decided_or_withdrawn_may_be_asked_for_anew(api, end):
    await a_family(api)
    first = await a_request(api)
    if end == "decided":
        await decide_it(api, first)
    else:
        path = f"/v1/leave-requests/{first['id']}/withdrawal"
        await api.as_("school", name="K. Clerk", schools=[A]).post(path, {"reason": "The wedding is off."})

    assert (await a_request(api))["id"] != first["id"]


async def test_two_requests_at_the_same_moment_are_one(api, database):
    await a_family(api)

    answers = await asyncio.gather(*(ask(api) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await scalar(database, "SELECT count(*) FROM leave_requests") == 1
