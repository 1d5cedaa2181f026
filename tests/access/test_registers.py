"""Registers: every route by every caller on every object."""

import pytest
from sqlalchemy import text

from services.registers.app import SERVICE
from tests.access.dead_letters import DEAD_LETTERS, add_dead_letters
from tests.access.matrix import ABSENT_ID, AREAS, ELSEWHERE, NEIGHBOUR, OWN, Naming, Objects, Row, everywhere, try_everything, try_naming
from tests.registers.files import a_csv, imported
from tests.registers.given import a_body, a_calendar, a_parent, a_pupil, a_school, upn
from tests.registers.test_policies import a_policy
from tests.support import ApiClient, service_fixtures

database, tx, api = service_fixtures(SERVICE)

NUMBERS = {OWN: 1, NEIGHBOUR: 2, ELSEWHERE: 3}
REASON = "Said so in writing."
PERIOD = "?from=2026-09-01&to=2026-09-30"
LEAVE = {"upn": upn(1), "urn": OWN, "parent_ref": "C1", "reason": "A wedding.", "from": "2027-09-06", "to": "2027-09-07"}
FAMILY_LEAVE = {
    "parent_id": ABSENT_ID, "children": [{"upn": upn(1), "urn": OWN}], "reason": "A wedding.", "from": "2027-09-06", "to": "2027-09-07",
}  # fmt: skip
SCHOOL = {"name": "School", "la_code": "881", "establishment_number": "0101", "phase": "primary"}

ROWS = {
    "GET /v1/schools": Row(),
    "GET /v1/schools/{urn}": Row(),
    "PUT /v1/schools/{urn}": Row(SCHOOL, creates=True),
    "GET /v1/schools/{urn}/calendars/{year}": Row(),
    "PUT /v1/schools/{urn}/calendars/{year}": Row({"terms": [{"start": "2026-09-02", "end": "2026-10-23"}]}),
    "PUT /v1/schools/{urn}/pupils/{upn}": Row(a_body()),
    "GET /v1/pupils/{upn}/marks": Row(),
    "GET /v1/people": Row(query=f"?pupil_id={ABSENT_ID}"),
    "GET /v1/people/{pupil_id}": Row(),
    "GET /v1/people/{pupil_id}/family": Row(query=PERIOD),
    "GET /v1/parents/{parent_id}/children": Row(query=PERIOD),
    "PUT /v1/schools/{urn}/roll": Row({"pupils": []}),
    "GET /v1/pupils/{upn}/upns": Row(),
    "POST /v1/pupils/{upn}/upn-changes": Row({"new_upn": upn(20), "reason": REASON}),
    "GET /v1/pupil-mergers": Row(),
    "POST /v1/pupil-mergers": Row({"upns": [upn(1), upn(2)], "reason": REASON}),
    "POST /v1/pupil-mergers/{merger_id}/undo": Row({"reason": REASON}),
    "GET /v1/merger-proposals": Row(),
    "GET /v1/merger-proposals/{proposal_id}": Row(),
    "POST /v1/merger-proposals/{proposal_id}": Row({"same": False, "reason": REASON}),
    "POST /v1/schools/{urn}/registers/{date}/{session}/marks/{upn}/confirmation": Row(
        {"reason": REASON, "confirmed_by": {"name": "K. Clerk", "title": "Clerk"}}
    ),
    "GET /v1/pupil-differences": Row(),
    "GET /v1/pupil-differences/{difference_id}": Row(),
    "POST /v1/pupil-differences/{difference_id}": Row({"counts": OWN, "reason": REASON}),
    "GET /v1/schools/{urn}/claims": Row(),
    "PUT /v1/schools/{urn}/registers/{date}/{session}": Row({"marks": []}),
    "PATCH /v1/schools/{urn}/registers/{date}/{session}/marks/{upn}": Row(
        {"code": "I", "reason": REASON, "amended_by": {"name": "K. Clerk", "title": "Clerk"}}
    ),
    "GET /v1/parent-matches": Row(),
    "GET /v1/parent-matches/{match_id}": Row(),
    "POST /v1/parent-matches/{match_id}": Row({"same": True, "reason": REASON}),
    "POST /v1/parent-matches/{match_id}/undo": Row({"reason": REASON}),
    "GET /v1/codes": Row(),
    "GET /v1/schools/{urn}/unresolved": Row(),
    "GET /v1/unresolved": Row(),
    "GET /v1/pupils/{upn}/certificate": Row(query=f"{PERIOD}&urn={OWN}"),
    "GET /v1/pupils/{upn}/engagement": Row(query=PERIOD),
    "GET /v1/schools/{urn}/flagged": Row(),
    "GET /v1/schools/{urn}/sickness-questions": Row(),
    "POST /v1/schools/{urn}/registers/{date}/{session}/marks/{upn}/turned-away": Row({"turned_away": False, "reason": REASON}),
    "GET /v1/schools/{urn}/releases": Row(),
    "GET /v1/statistics": Row(query=f"{PERIOD}&urn={OWN}"),
    "POST /v1/imports": Row(raw=True, found=422),
    "GET /v1/imports": Row(),
    "GET /v1/imports/{import_id}": Row(),
    "GET /v1/imports/{import_id}/report": Row(),
    "GET /v1/imports/{import_id}/report.csv": Row(),
    "GET /v1/imports/{import_id}/progress": Row(),
    "PUT /v1/schools/{urn}/attendance-policies/{from}": Row(a_policy()),
    "GET /v1/schools/{urn}/attendance-policies/{on}": Row(),
    "GET /v1/schools/{urn}/attendance-policies": Row(),
    "PUT /v1/schools/{urn}/predecessor": Row({"urn": NEIGHBOUR, "on": "2026-09-01"}),
    "GET /v1/schools/{urn}/predecessor": Row(),
    "POST /v1/leave-requests": Row(LEAVE),
    "GET /v1/leave-requests": Row(),
    "GET /v1/leave-requests/{leave_id}": Row(),
    "POST /v1/leave-requests/{leave_id}/decision": Row({"outcome": "refused", "reason": REASON}),
    "POST /v1/leave-requests/{leave_id}/withdrawal": Row({"reason": REASON}),
    "POST /v1/family-leave-requests": Row(FAMILY_LEAVE),
    "GET /v1/family-leave-requests/{family_id}": Row(),
    "POST /v1/family-leave-requests/{family_id}/decision": Row({"outcome": "refused", "reason": REASON}),
    **DEAD_LETTERS,
}
FIXED = {"year": "2026-27", "date": "2026-09-10", "session": "AM", "from": "2026-09-01", "on": "2026-09-10"}


@pytest.fixture(autouse=True)
def _on_a_day(monkeypatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2027-08-01")


@pytest.fixture
async def objects(api: ApiClient, database) -> Objects:
    """The same at three schools: two pupils whose parents may be one, a merger, a policy, a calendar, a request for leave, an import."""
    officer = api.as_("aco", name="Ann Officer")
    people, persons, leave, families, imports, mergers, differences = {}, {}, {}, {}, {}, {}, {}
    for urn, number in NUMBERS.items():
        await a_school(api, urn, la_code=AREAS[urn])
        await a_calendar(api, urn)
        home = {"email": f"pat{urn}@example.org", "surname": f"Pupil{urn}"}
        pupil = await a_pupil(api, number, urn, parents=[a_parent("C1", **home)])
        people[urn], persons[urn] = pupil["id"], pupil["parents"][0]["id"]
        await a_pupil(api, number + 10, urn, parents=[a_parent("C2", **home)])
        school = api.as_("school", name="K. Clerk", schools=[urn])
        assert (await school.put(f"/v1/schools/{urn}/attendance-policies/2026-09-01", a_policy())).status_code == 201
        asked = await school.post("/v1/leave-requests", {**LEAVE, "urn": urn, "upn": upn(number)})
        leave[urn] = asked.json()["id"]
        family = {"parent_id": asked.json()["parent_id"], "children": [{"upn": upn(number), "urn": urn}]}
        recorded = await school.post("/v1/family-leave-requests", {**FAMILY_LEAVE, **family, "from": "2027-09-01"})
        families[urn] = recorded.json()["id"]
        lines = a_csv(f"{urn},{upn(number)},2026-09-11,AM,O", titles="URN,UPN,Date,Session,Code")
        imports[urn] = (await imported(api, database, lines, role="mis", schools=[urn]))["id"]
        merged = await officer.post("/v1/pupil-mergers", {"upns": [upn(number), upn(number + 10)], "reason": REASON})
        mergers[urn] = merged.json()["id"]
        await a_school(api, urn + 50, la_code=AREAS[urn])
        for school_urn, born in ((urn, "2014-03-03"), (urn + 50, "2014-03-03"), (urn + 50, "2010-09-01")):
            pupil = await a_pupil(api, number + 20, school_urn, date_of_birth=born)
        found = (await api.as_("service").get(f"/v1/people/{pupil['id']}")).json()
        differences[urn] = found["pupil"]["difference"]["id"]
    proposals = {}
    for urn, number in NUMBERS.items():
        narrowed = api.as_("aco", name="Ann Officer", la_code=AREAS[urn])
        asked = await narrowed.post("/v1/pupil-mergers", {"upns": [upn(number), upn(number + 70)], "reason": REASON})
        proposals[urn] = asked.json()["id"]
    upns = everywhere({urn: upn(number) for urn, number in NUMBERS.items()}, absent=upn(77))
    return Objects(
        {
            "schools": everywhere({urn: urn for urn in AREAS}, absent=100499),
            "pupils": upns,
            "marks": upns,
            "people": everywhere(people),
            "parents": everywhere(persons),
            "pupil-mergers": everywhere(mergers),
            "pupil-differences": everywhere(differences),
            "merger-proposals": everywhere(proposals),
            "parent-matches": everywhere(await _matches(database)),
            "imports": everywhere(imports),
            "leave-requests": everywhere(leave),
            "family-leave-requests": everywhere(families),
            "dead-letters": await add_dead_letters(database),
        },
        FIXED,
    )


async def _matches(database) -> dict[int, str]:
    """Return the proposed match of each school's parents."""
    async with database.begin() as tx:
        found = await tx.execute(
            text("SELECT DISTINCT urn, parent_matches.id FROM parent_matches JOIN contacts ON parent_id IN (one, other)")
        )
        return {row.urn: str(row.id) for row in found}


async def test_every_route_of_registers_refuses_whoever_does_not_reach_an_object(api, objects, capsys):
    tried = await try_everything(api, SERVICE, ROWS, objects)

    tried.report(SERVICE.name, capsys)
    assert not tried.wrong, "\n".join(tried.wrong)


async def test_a_name_in_a_query_or_a_body_shows_nothing_to_be_there_in_registers(api, objects, capsys):
    urns, upns = (ELSEWHERE, 100499), (upn(NUMBERS[ELSEWHERE]), upn(77))
    pupil, own = upn(NUMBERS[OWN]), {"reason": "A wedding.", "parent_ref": "C1", "from": "2027-09-06", "to": "2027-09-07"}
    namings = [
        *(Naming("GET", f"/v1/{path}", urns) for path in ("leave-requests?urn={}", "imports?urn={}", f"statistics{PERIOD}&urn={{}}")),
        Naming("GET", f"/v1/statistics{PERIOD}&la={{}}", ("882", "999")),
        Naming("GET", f"/v1/pupils/{pupil}/certificate{PERIOD}&urn={{}}", urns),
        Naming("GET", "/v1/leave-requests?upn={}", upns),
        Naming("GET", "/v1/people?pupil_id={}", (objects.ids["people"]["elsewhere"], ABSENT_ID)),
        Naming("POST", "/v1/imports?urn={}", urns, "a file"),
        Naming("POST", "/v1/leave-requests", upns, {**own, "urn": OWN, "upn": "{}"}),
        Naming("POST", "/v1/leave-requests", urns, {**own, "urn": "{}", "upn": pupil}),
        Naming("PUT", f"/v1/schools/{OWN}/predecessor", urns, {"urn": "{}", "on": "2026-09-01"}),
    ]

    tried = await try_naming(api, SERVICE, namings)

    tried.report("registers, named in queries and bodies", capsys)
    assert not tried.wrong, "\n".join(tried.wrong)
