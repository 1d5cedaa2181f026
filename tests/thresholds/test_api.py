"""The API: who may see what, and what it answers."""

from random import Random

import pytest
from sqlalchemy import text

from services.thresholds.use_cases.recomputation import find_stale_standings
from shared.contracts.thresholds import ThresholdMet
from shared.database import Database
from shared.ids import new_id
from tests.support import ApiClient
from tests.thresholds.builders import A, B, C, full_days
from tests.thresholds.events import OTHER, PUPIL, UPN, Story, absences, calendars_a, closed, enrolled, issued, recorded
from tests.thresholds.streams import events_of
from tests.thresholds.worlds import a_world

TEN = full_days("2026-09-14", "2026-09-18")
UNKNOWN, NEIGHBOUR = "A881200024002", "B881200024003"
PATH = f"/v1/pupils/{UPN}/threshold"


@pytest.fixture
async def story(database: Database):
    return Story(database)


@pytest.fixture
async def met(story: Story) -> ThresholdMet:
    await story.arrives(enrolled((A, "2025-09-01", "2026-10-23"), (B, "2026-11-02", None)), *calendars_a(), *calendars_a(B))
    (published,) = await story.arrives_at_once(*absences(TEN))
    assert isinstance(published, ThresholdMet)
    return published


async def test_a_met_threshold_is_shown_with_its_window_sessions_and_findings(api: ApiClient, met: ThresholdMet):
    answer = (await api.as_("manager").get(PATH)).json()

    assert (answer["upn"], answer["status"], answer["count"]) == (UPN, "met", 10)
    assert answer["met_at"] == {"date": "2026-09-18", "session": "PM"}
    assert answer["window"] == {"from": "2026-06-08", "to": "2026-09-20"}
    assert answer["sessions"][0] == {"date": "2026-09-14", "session": "AM", "code": "O", "urn": A, "version": 1}
    assert (len(answer["sessions"]), answer["holiday"], answer["run_id"]) == (10, False, str(met.run_id))
    assert all(each["href"].startswith("https://") and each["outcome"] and each["version"] for each in answer["findings"])


async def test_sessions_that_a_closed_case_set_aside_are_shown_before_the_others_and_as_set_aside(
    api: ApiClient, story: Story, met: ThresholdMet
):
    await story.arrives(*absences(full_days("2026-09-21")), closed(met.run_id, "2026-09-20"))

    answer = (await api.as_("manager").get(PATH)).json()

    assert [each["set_aside"] for each in answer["counting"]] == [True] * 10 + [False] * 2
    assert [(each["date"], each["session"]) for each in answer["counting"]] == [
        (f"{day}", half) for day, half in TEN + full_days("2026-09-21")
    ]


async def test_the_sessions_at_the_crossing_are_counted_by_code(api: ApiClient, story: Story):
    await story.arrives(enrolled(), *calendars_a(), *absences(TEN[:7], "G"), *absences(TEN[7:]))

    assert (await api.as_("manager").get(PATH)).json()["counts"] == {"G": 7, "O": 3}


async def test_a_pupil_without_counting_marks_has_a_count_of_nothing(api: ApiClient, story: Story):
    await story.arrives(enrolled())

    answer = (await api.as_("aco").get(PATH)).json()

    assert (answer["status"], answer["count"], answer["met_at"], answer["window"]) == ("below", 0, None, None)
    assert (answer["sessions"], answer["holiday"], answer["run_id"], answer["count_with_unresolved_n"]) == ([], False, None, None)


async def test_spent_sessions_leave_a_count_of_the_rest(api: ApiClient, story: Story, met: ThresholdMet):
    await story.arrives(*absences(full_days("2026-09-21")), issued(TEN))

    answer = (await api.as_("manager").get(PATH)).json()

    assert (answer["status"], answer["count"], answer["run_id"], answer["window"]) == ("below", 2, None, None)


async def test_an_n_past_its_fifth_school_day_is_shown_as_if_entered_as_o(api: ApiClient, story: Story, monkeypatch: pytest.MonkeyPatch):
    await story.arrives(enrolled(), *calendars_a(), *absences(TEN[:8]), *absences(TEN[8:], "N"))

    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-09-25")
    within = (await api.as_("manager").get(PATH)).json()
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-09-26")
    past = (await api.as_("manager").get(PATH)).json()

    assert (within["status"], within["count"], within["count_with_unresolved_n"]) == ("approaching", 8, None)
    assert (past["status"], past["count"], past["count_with_unresolved_n"]) == ("approaching", 8, 10)


@pytest.mark.parametrize("role", ["aco", "acsa", "manager", "business-support", "service"])
async def test_officers_see_every_pupil_and_learn_who_does_not_exist(api: ApiClient, met: ThresholdMet, role: str):
    assert (await api.as_(role).get(PATH)).status_code == 200
    assert (await api.as_(role).get(f"/v1/pupils/{UNKNOWN}/threshold")).status_code == 404


@pytest.mark.parametrize("role", ["mis", "school", "accredited"])
async def test_a_school_sees_its_present_and_former_pupils_alone(api: ApiClient, met: ThresholdMet, role: str):
    assert [(await api.as_(role, schools=[urn]).get(PATH)).status_code for urn in (A, B, C)] == [200, 200, 403]
    assert (await api.as_(role, schools=[A]).get(f"/v1/pupils/{UNKNOWN}/threshold")).status_code == 403
    assert (await api.as_(role, schools=[A]).get("/v1/pupils/nonsense/threshold")).status_code == 403


@pytest.mark.parametrize(("la_code", "status"), [("881", 200), ("935", 200), ("882", 403)])
async def test_an_officer_narrowed_to_an_authority_sees_pupils_of_its_schools(api: ApiClient, met: ThresholdMet, la_code: str, status: int):
    assert (await api.as_("aco", la_code=la_code).get(PATH)).status_code == status


async def test_callers_without_a_reading_role_are_refused(api: ApiClient, met: ThresholdMet):
    assert (await api.get(PATH)).status_code == 401
    assert (await api.as_("operations").get(PATH)).status_code == 403
    assert (await api.as_("manager").get("/v1/pupils/nonsense/threshold")).status_code == 422
    assert (await api.as_("aco").post("/v1/thresholds/recomputations", {})).status_code == 403


async def test_the_list_holds_the_pupils_of_a_status_a_school_or_an_authority(
    api: ApiClient, story: Story, met: ThresholdMet, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2027-01-05")
    await story.arrives(enrolled((C, "2025-09-01", None), pupil=OTHER, upn=NEIGHBOUR))

    async def upns(client: ApiClient, query: str = "") -> list[str]:
        return sorted(each["upn"] for each in (await client.get(f"/v1/thresholds{query}")).json()["items"])

    manager = api.as_("manager")
    assert await upns(manager) == sorted([UPN, NEIGHBOUR])
    assert await upns(manager, "?status=met") == [UPN]
    assert await upns(manager, "?status=below") == [NEIGHBOUR]
    assert await upns(manager, f"?urn={B}") == [UPN]
    assert await upns(manager, f"?urn={A}") == []  # left it
    assert await upns(manager, "?la=881") == [NEIGHBOUR]
    assert await upns(api.as_("aco", la_code="935")) == [UPN]
    assert await upns(api.as_("mis", schools=[B])) == [UPN]
    assert (await api.as_("mis", schools=[B]).get(f"/v1/thresholds?urn={C}")).status_code == 403
    assert (await api.as_("aco", la_code="935").get("/v1/thresholds?la=881")).status_code == 403
    assert (await manager.get("/v1/thresholds?status=nonsense")).status_code == 422
    assert (await manager.get("/v1/thresholds?after=nonsense")).status_code == 422


async def test_the_list_goes_on_where_a_page_ends(api: ApiClient, story: Story, met: ThresholdMet):
    await story.arrives(enrolled((C, "2025-09-01", None), pupil=OTHER, upn=NEIGHBOUR))

    first = (await api.as_("manager").get("/v1/thresholds?limit=1")).json()
    second = (await api.as_("manager").get(f"/v1/thresholds?limit=1&after={first['next']}")).json()

    assert sorted([first["items"][0]["upn"], second["items"][0]["upn"]]) == sorted([UPN, NEIGHBOUR])
    assert second["next"] is None


async def test_a_recomputation_changes_nothing_where_nothing_changed(api: ApiClient, story: Story, met: ThresholdMet):
    answers = [
        (await api.as_("operations").post("/v1/thresholds/recomputations", body)).json()
        for body in (None, {}, {"urn": A}, {"la": "935"}, {"la": "882"})
    ]

    assert [(each["judged"], each["changed"], each["next"]) for each in answers] == [(1, 0, None)] * 4 + [(0, 0, None)]
    assert await story.arrives() == []


async def test_a_recomputation_of_everybody_changes_nothing_where_nothing_changed(api: ApiClient, story: Story, database: Database):
    """Thirty random pupils, among them transfers, two rolls, notices and closed cases; the state and its history stay as they are."""
    for number in range(30):
        chance = Random(number)
        world = a_world(chance, (100201 + 3 * number, 100202 + 3 * number, 100203 + 3 * number))
        await story.arrives_at_once(*sorted(events_of(world, new_id(), chance), key=lambda event: event.type()))

    async def state() -> list[object]:
        async with database.begin() as tx:
            return [
                (await tx.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2"))).all()
                for table in ("pupils", "marks", "rolls", "run_steps", "reliances", "closed_cases")
            ]

    before = await state()
    answers = [
        (await api.as_("manager").post("/v1/thresholds/recomputations", body)).json() for body in ({}, {"la": "881"}, {"urn": 100201})
    ]

    assert answers[0]["judged"] == 30
    assert [each["changed"] for each in answers] == [0, 0, 0]
    assert await state() == before
    assert await story.arrives() == []


async def test_a_recomputation_mends_what_the_doctor_finds(api: ApiClient, story: Story, database: Database, met: ThresholdMet):
    async with database.begin() as tx:
        await tx.execute(text("UPDATE marks SET code = 'I', version = 2 WHERE session = 'AM' AND date = '2026-09-14'"))
    assert await find_stale_standings(database) == [PUPIL]

    answer = (await api.as_("manager").post("/v1/thresholds/recomputations", {})).json()

    assert (answer["judged"], answer["changed"]) == (1, 1)
    assert await find_stale_standings(database) == []
    assert [each.name for each in await story.arrives()] == ["threshold-withdrawn"]


async def test_the_same_state_has_the_same_tag(api: ApiClient, story: Story, met: ThresholdMet):
    first = await api.as_("manager").get(PATH)
    same = await api.as_("manager").get(PATH, headers={"If-None-Match": first.headers["ETag"]})
    await story.arrives(recorded(TEN[0], "I", version=2, before="O"))
    changed = await api.as_("manager").get(PATH, headers={"If-None-Match": first.headers["ETag"]})

    assert (same.status_code, changed.status_code) == (304, 200)


async def test_a_service_can_read_what_has_been_judged(api: ApiClient, story: Story, met: ThresholdMet):
    path = f"/v1/pupils/{UPN}/judged?from={met.met_at.date}&to={met.met_at.date}"

    found = (await api.as_("service").get(path)).json()

    assert found["runs"] == [{"run_id": str(met.run_id), "revision": met.revision}]
    last = next(each for each in reversed(met.sessions) if each.date == met.met_at.date)
    mark = {"date": str(last.date), "session": last.session, "urn": last.urn, "code": last.code, "version": last.version}
    assert {**mark, "pupil_id": str(PUPIL)} in found["marks"]
    assert {mark["date"] for mark in found["marks"]} == {str(met.met_at.date)}
    assert (await api.as_("aco").get(path)).status_code == 403


async def test_a_former_upn_finds_the_pupil_and_the_answer_names_the_present_one(api: ApiClient, story: Story, met: ThresholdMet):
    spells = (A, "2025-09-01", "2026-10-23"), (B, "2026-11-02", None)
    await story.arrives(enrolled(*spells, revision=2, upn=UNKNOWN, former=[UPN]))
    manager = api.as_("manager")

    by_former, by_present = [(await manager.get(f"/v1/pupils/{upn}/threshold")).json() for upn in (UPN, UNKNOWN)]
    explained = (await manager.get(f"{PATH}/explanation")).json()

    assert by_former == by_present
    assert (by_former["pupil_id"], by_former["upn"], by_former["run_id"]) == (str(PUPIL), UNKNOWN, str(met.run_id))
    assert (explained["pupil_id"], explained["upn"]) == (str(PUPIL), UNKNOWN)
    assert [each["upn"] for each in (await manager.get("/v1/thresholds")).json()["items"]] == [UNKNOWN]


async def test_a_former_upn_opens_no_more_than_the_present_one(api: ApiClient, story: Story, met: ThresholdMet):
    spells = (A, "2025-09-01", "2026-10-23"), (B, "2026-11-02", None)
    await story.arrives(enrolled(*spells, revision=2, upn=UNKNOWN, former=[UPN]))

    assert [(await api.as_("school", schools=[urn]).get(PATH)).status_code for urn in (A, B, C)] == [200, 200, 403]
    assert [(await api.as_("aco", la_code=la_code).get(PATH)).status_code for la_code in ("881", "882")] == [200, 403]


async def test_an_older_roll_takes_no_former_upn_back(api: ApiClient, story: Story):
    await story.arrives(enrolled(revision=2, upn=UNKNOWN, former=[UPN]), enrolled(revision=1))

    assert (await api.as_("manager").get(PATH)).json()["upn"] == UNKNOWN

    await story.arrives(enrolled(revision=3, upn=UNKNOWN))  # it was never this pupil's

    assert (await api.as_("manager").get(PATH)).status_code == 404


async def test_a_upn_that_one_pupil_has_and_another_had_finds_the_one_who_has_the_number(api: ApiClient, story: Story):
    await story.arrives(enrolled(upn=UNKNOWN, former=[UPN]), enrolled(pupil=OTHER, upn=UPN))

    assert (await api.as_("manager").get(PATH)).json()["pupil_id"] == str(OTHER)


@pytest.mark.parametrize("order", [1, -1])
async def test_an_asserted_upn_finds_its_pupil_only_for_who_does_not_reach_the_pupil_who_has_it(api: ApiClient, story: Story, order: int):
    asserting = enrolled((C, "2025-09-01", None), pupil=OTHER, upn=UPN, former=[NEIGHBOUR], asserted=[UPN])
    await story.arrives(*[enrolled(), asserting][::order])

    async def found(client: ApiClient, upn: str = UPN) -> str:
        answer = await client.get(f"/v1/pupils/{upn}/threshold")
        return answer.json()["pupil_id"] if answer.status_code == 200 else str(answer.status_code)

    school = api.as_("school", schools=[C])
    assert [await found(school, upn) for upn in (UPN, NEIGHBOUR)] == [str(OTHER)] * 2
    assert (await school.get(PATH)).json()["upn"] == UPN
    assert [await found(each) for each in (api.as_("school", schools=[A]), api.as_("manager"), api.as_("service"))] == [str(PUPIL)] * 3
    assert await found(api.as_("school", schools=[A]), NEIGHBOUR) == "403"

    await story.arrives(enrolled((C, "2025-09-01", None), pupil=OTHER, upn=NEIGHBOUR, revision=2))  # officers found two children

    assert await found(school) == "403"


async def test_a_falsified_status_is_found_and_mended(api: ApiClient, database: Database, met: ThresholdMet):
    async with database.begin() as tx:
        await tx.execute(text("UPDATE pupils SET status = 'below'"))
    manager = api.as_("manager")
    assert (await manager.get("/v1/thresholds?status=met")).json()["items"] == []

    assert await find_stale_standings(database) == [PUPIL]
    await manager.post("/v1/thresholds/recomputations", {})

    assert await find_stale_standings(database) == []
    assert len((await manager.get("/v1/thresholds?status=met")).json()["items"]) == 1
