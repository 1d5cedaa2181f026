"""Lists come in the order that their readers need, with how many there are."""

from tests.registers.given import A, a_school
from tests.registers.test_leave import a_family, a_request, decide_it


async def test_requests_to_decide_come_by_when_the_leave_begins_and_decided_ones_the_latest_first(api, monkeypatch):
    await a_family(api)
    begins = ("2026-12-07", "2026-11-23", "2026-12-14", "2026-11-30")
    made = [await a_request(api, **{"from": day, "to": day}) for day in begins]
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-11-30")

    async def listed(query):
        answer = (await api.as_("school", schools=[A]).get(f"/v1/leave-requests?{query}")).json()
        return [each["from"] for each in answer["items"]], answer["total"]

    assert await listed("status=asked&limit=3") == (["2026-11-30", "2026-12-07", "2026-12-14"], 4)
    for request in made:
        await decide_it(api, request)
    assert (await listed("status=refused"))[0] + (await listed("status=granted"))[0] == sorted(begins, reverse=True)


async def test_schools_come_by_name_and_a_name_begins_the_next_page(api):
    for urn, name in ((100101, "Zed School"), (100102, "Mill Lane"), (100103, "Abbey ~ School"), (100104, "Mill Lane")):
        await a_school(api, urn, name=name)
    officer = api.as_("aco")

    first = (await officer.get("/v1/schools?limit=2")).json()
    rest = (await officer.get(f"/v1/schools?limit=2&after={first['next']}")).json()

    assert [each["urn"] for each in first["items"] + rest["items"]] == [100103, 100102, 100104, 100101]
    assert (first["total"], rest["first"], rest["previous"], rest["next"]) == (4, 3, "", None)
