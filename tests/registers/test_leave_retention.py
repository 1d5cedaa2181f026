"""Requests for leave go when the entries of the register that they explain may go: six years after the leave and its decision."""

from datetime import date

import pytest
from sqlalchemy.exc import DBAPIError

from services.registers.leave.domain import kept_since
from services.registers.leave.use_cases.requests import delete_leave_requests
from tests.registers.given import A, scalar
from tests.registers.test_leave import a_family, a_request, decide_it


@pytest.fixture
def on(monkeypatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-11-09")
    return lambda day: monkeypatch.setenv("ATTENDANCE_TODAY", day)


@pytest.mark.parametrize(
    ("today", "since"),
    [("2032-11-20", "2026-11-20"), ("2030-02-28", "2024-02-28"), ("2032-02-29", "2026-03-01"), ("2030-03-01", "2024-03-01")],
)
def test_retention_begins_on_the_same_day_so_many_years_before(today, since):

    assert kept_since(date.fromisoformat(today), 6) == date.fromisoformat(since)


@pytest.mark.parametrize(("today", "left"), [("2032-11-20", 1), ("2032-11-21", 0)])
async def test_a_request_goes_six_years_after_the_leave(api, database, on, today, left):
    await a_family(api)
    request = await a_request(api)
    await decide_it(api, request)
    on(today)

    deleted = await delete_leave_requests(database)

    assert deleted == 1 - left
    assert await scalar(database, "SELECT count(*) FROM leave_requests") == left
    read = await api.as_("school", schools=[A]).get(f"/v1/leave-requests/{request['id']}")
    assert (read.status_code == 200) is bool(left)


async def test_a_later_decision_keeps_a_request_longer_and_an_undecided_request_goes_too(api, database, on):
    await a_family(api)
    undecided, late = await a_request(api), await a_request(api, parent_ref="C2")
    on("2026-12-01")
    await decide_it(api, late)
    on("2032-11-30")

    assert await delete_leave_requests(database) == 1

    assert str(await scalar(database, "SELECT id FROM leave_requests")) == late["id"]
    assert undecided["id"] != late["id"]


async def test_nobody_else_deletes_a_request(api, database, on):
    await a_family(api)
    await a_request(api)

    with pytest.raises(DBAPIError, match="kept until their retention ends"):
        await scalar(database, "DELETE FROM leave_requests RETURNING id")
