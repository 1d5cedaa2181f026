"""A school that a pupil has left sees the threshold of the last day on its roll, and nothing of the new school."""

from uuid import UUID

import pytest

from shared.database import Database
from tests.support import ApiClient
from tests.thresholds.builders import A, C, full_days
from tests.thresholds.events import UPN, Story, absences, calendars_a, closed, enrolled, issued, recorded

THERE = full_days("2026-09-14", "2026-09-16")
LATER = full_days("2026-09-21", "2026-09-24")
PATH = f"/v1/pupils/{UPN}/threshold"


@pytest.fixture
async def story(database: Database, monkeypatch: pytest.MonkeyPatch) -> Story:
    """Six sessions at A, which the pupil left, and eight at C."""
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-09-25")
    made = Story(database)
    await made.arrives(enrolled((A, "2025-09-01", "2026-09-18"), (C, "2026-09-21", None)), *calendars_a(), *calendars_a(C))
    await made.arrives(*absences(THERE), *absences(LATER, urn=C))
    return made


async def seen(api: ApiClient, urn: int, role: str = "school"):
    answer = await api.as_(role, schools=[urn]).get(PATH)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("role", ["school", "mis"])
async def test_a_former_school_sees_no_session_of_the_new_one(story: Story, api: ApiClient, role: str):
    former, present = await seen(api, A, role), await seen(api, C, role)

    assert (former["status"], former["count"], {each["urn"] for each in former["counting"]}) == ("approaching", 6, {A})
    assert (former["run_id"], former["met_at"], former["sessions"], former["window"], former["earliest_time_bar"]) == (
        None,
        None,
        [],
        None,
        None,
    )
    assert (present["status"], {each["urn"] for each in present["sessions"]}) == ("met", {A, C})
    assert f"{C}" not in str(former)


async def test_a_former_school_s_explanation_is_of_its_own_days(story: Story, api: ApiClient):
    answer = (await api.as_("school", schools=[A]).get(f"{PATH}/explanation")).json()

    assert answer["status"] == "approaching"
    assert "24 September" not in str(answer["sentences"])


async def test_a_former_school_still_sees_the_threshold_that_was_met_on_its_roll(story: Story, api: ApiClient):
    await story.arrives(*absences(full_days("2026-09-08", "2026-09-09")))

    former = await seen(api, A)

    assert (former["status"], former["met_at"]["date"], {each["urn"] for each in former["counting"]}) == ("met", "2026-09-16", {A})
    assert former["run_id"] is not None


async def test_a_later_notice_and_a_later_case_are_not_shown_to_a_former_school(story: Story, api: ApiClient):
    run = UUID((await seen(api, C))["run_id"])
    await story.arrives(issued([*THERE, *LATER]), closed(run, "2026-09-24"))

    assert ((await seen(api, A))["count"], (await seen(api, C))["count"]) == (6, 0)


async def test_an_amendment_by_the_former_school_is_seen_by_it(story: Story, api: ApiClient):
    await story.arrives(recorded(THERE[0], "I", A, version=2, before="O"))

    assert (await seen(api, A))["count"] == 5


async def test_a_school_sees_nothing_before_a_pupil_s_first_day(story: Story, api: ApiClient):
    await story.arrives(enrolled((A, "2026-10-01", None), (C, "2025-09-01", None), revision=2))

    before = await seen(api, A)

    assert (before["count"], before["counting"], before["flagged"], before["run_id"]) == (0, [], [], None)
    assert (await api.as_("school", schools=[A]).get("/v1/thresholds")).json()["items"] == []


async def test_the_list_of_a_former_school_holds_no_pupil_who_left(story: Story, api: ApiClient):
    listed = [(await api.as_("school", schools=[urn]).get("/v1/thresholds")).json()["items"] for urn in (A, C)]

    assert [len(each) for each in listed] == [0, 1]
