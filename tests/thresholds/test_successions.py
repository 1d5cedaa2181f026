"""A school becomes an academy: another URN, the same school and the same pupils (domain.md 6.2)."""

from datetime import date

import pytest

from services.thresholds.use_cases.recomputation import find_stale_standings
from shared.contracts.registers import Predecessor, SuccessionChanged
from shared.contracts.thresholds import ThresholdMet
from shared.database import Database
from tests.support import ApiClient
from tests.thresholds.builders import A, B, C, full_days
from tests.thresholds.events import OTHER, PUPIL, UPN, Story, absences, calendars_a, enrolled

PATH = f"/v1/pupils/{UPN}/threshold"
LEAVER = "B881200024003"
CONVERTED = (A, "2025-09-01", "2026-09-30"), (C, "2026-10-01", None)
BEFORE, AFTER = full_days("2026-09-28", "2026-09-30"), full_days("2026-10-05", "2026-10-06")


def continues(school: int, *predecessors: int, revision: int = 1) -> SuccessionChanged:
    """A school continues others."""
    listed = tuple(Predecessor(urn=urn, since=date(2026, 10, 1)) for urn in predecessors)
    return SuccessionChanged(school=school, predecessors=listed, revision=revision)


@pytest.fixture
async def story(database: Database, monkeypatch: pytest.MonkeyPatch):
    """Pupils of a school that another continues: one who went with it, with marks under both URNs, and one who had left before."""
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-10-07")
    story = Story(database)
    await story.arrives(
        enrolled(*CONVERTED),
        enrolled((A, "2024-09-01", "2026-07-21"), pupil=OTHER, upn=LEAVER),
        *calendars_a(),
        *calendars_a(C),
        *absences(BEFORE),
        *absences(AFTER, urn=C),
    )
    return story


async def test_the_window_goes_on_across_the_conversion(story: Story, api: ApiClient, database: Database):
    found = (await api.as_("manager").get(PATH)).json()

    assert (found["status"], found["met_at"], found["pupil_id"]) == ("met", {"date": "2026-10-06", "session": "PM"}, str(PUPIL))
    assert [each["urn"] for each in found["sessions"]] == [A] * 6 + [C] * 4
    assert await find_stale_standings(database) == []


async def test_the_successor_sees_whom_the_earlier_school_had_and_nobody_else_does(story: Story, api: ApiClient):
    async def seen(*schools: int) -> list[int]:
        token = api.as_("school", schools=schools)
        return [(await token.get(f"/v1/pupils/{upn}/threshold")).status_code for upn in (UPN, LEAVER)]

    assert [await seen(A), await seen(B), await seen(C)] == [[200, 200], [403, 403], [200, 403]]

    await story.arrives(continues(C, A))

    assert [await seen(A), await seen(B), await seen(C)] == [[200, 200], [403, 403], [200, 200]]
    assert (await api.as_("school", schools=[C]).get(f"/v1/thresholds?urn={A}")).status_code == 200
    assert (await api.as_("school", schools=[A]).get(f"/v1/thresholds?urn={C}")).status_code == 403


async def test_a_school_that_continues_a_successor_sees_them_too(story: Story, api: ApiClient):
    await story.arrives(continues(B, C), continues(C, A))

    assert (await api.as_("mis", schools=[B]).get(f"/v1/pupils/{LEAVER}/threshold")).status_code == 200


async def test_a_succession_older_than_the_stored_one_opens_nothing(story: Story, api: ApiClient):
    await story.arrives(continues(C, revision=2), continues(C, A, revision=1))

    assert (await api.as_("school", schools=[C]).get(f"/v1/pupils/{LEAVER}/threshold")).status_code == 403


async def test_a_holiday_across_the_conversion_is_one_whatever_arrives_first(
    api: ApiClient, database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-10-07")
    story = Story(database)
    sessions = full_days("2026-09-28", "2026-10-05")
    before, after = sessions[:6], sessions[6:]
    facts = enrolled(*CONVERTED), *calendars_a(), *calendars_a(C), *absences(before, "G"), *absences(after, "G", urn=C)

    async def seen() -> tuple[bool, dict[str, str] | None]:
        found = (await api.as_("manager").get(PATH)).json()
        return found["holiday"], found["holiday_period"]

    met = [await story.arrives(*facts)]
    apart = await seen()
    met.append(await story.arrives(continues(C, A)))
    as_one = await seen()
    met.append(await story.arrives(continues(C, revision=2)))
    apart_again = await seen()

    assert (apart, as_one, apart_again) == ((False, None), (True, {"from": "2026-09-28", "to": "2026-10-05"}), (False, None))
    assert await find_stale_standings(database) == []
    assert [[each.holiday for each in published if isinstance(each, ThresholdMet)] for published in met] == [[False] * 3, [True], [False]]


async def test_a_late_last_session_of_the_earlier_school_parts_a_holiday_across_the_conversion(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-10-07")
    story = Story(database)
    before, after = full_days("2026-09-28", "2026-09-29"), full_days("2026-10-01", "2026-10-05")
    await story.arrives(enrolled(*CONVERTED), continues(C, A), *absences(before, "G"), *absences(after, "G", urn=C))

    published = await story.arrives(*absences(full_days("2026-09-30", "2026-09-30"), "/"))

    assert [each.holiday for each in published if isinstance(each, ThresholdMet)] == [False]
    assert await find_stale_standings(database) == []
