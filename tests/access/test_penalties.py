"""Penalties: every route by every caller on every object."""

import pytest
from sqlalchemy import text

from services.penalties.app import SERVICE
from shared.contracts.event import Period
from shared.contracts.registers import ParentChanged, PupilParent
from shared.settings import settings
from tests.access.dead_letters import DEAD_LETTERS, add_dead_letters
from tests.access.matrix import AREAS, ELSEWHERE, NEIGHBOUR, OWN, Naming, Objects, Row, everywhere, try_everything, try_naming
from tests.penalties.chain import IMPROVE, Chain, Registers, both_sessions
from tests.support import service_fixtures

database, tx, api = service_fixtures(SERVICE)

REASON = "Considered case by case."
PARENT = "0198c2a0-0000-7000-8000-000000000009"
UPNS = {OWN: "A881400020401", NEIGHBOUR: "B881400020402", ELSEWHERE: "C881400020403"}
OFFENCE = {"from": "2026-09-14", "to": "2026-09-18"}
PERIOD = "?from=2026-09-01&to=2026-09-30"
ENTRY = {"kind": "call", "made_on": "2026-09-21", "notes": "Rang; left a message."}
ROWS = {
    "GET /v1/cases": Row(),
    "POST /v1/cases": Row({"upn": UPNS[OWN], "urn": OWN, "reason": REASON, "kind": "attendance"}),
    "GET /v1/cases/{case_id}": Row(),
    "POST /v1/cases/{case_id}/decisions": Row({"decision": "support", "reason": REASON}),
    "POST /v1/cases/{case_id}/liability": Row({"parent_id": PARENT, "basis": "allowed", "shown_by": REASON}),
    "POST /v1/cases/{case_id}/liability/withdrawals": Row({"parent_id": PARENT, "reason": REASON}),
    "GET /v1/cases/{case_id}/recommendation": Row(query=f"?parent_id={PARENT}", found=422),
    "GET /v1/cases/{case_id}/referral-form": Row(),
    "GET /v1/cases/{case_id}/referrals": Row(),
    "POST /v1/cases/{case_id}/referrals": Row({"parents": [PARENT], "course": "prosecution", "statement": REASON}),
    "GET /v1/policy": Row(query="?la_code=881"),
    "POST /v1/cases/{case_id}/agreement": Row({"agreed": True, "recommendation": "penalty-notice", "reason": REASON}),
    "POST /v1/cases/{case_id}/clearances": Row({"about": PARENT, "reason": REASON}),
    "POST /v1/cases/{case_id}/notices-to-improve": Row({"parents": [PARENT], **IMPROVE}),
    "GET /v1/notices-to-improve": Row(),
    "GET /v1/notices-to-improve/{notice_id}": Row(),
    "POST /v1/notices-to-improve/{notice_id}/outcome": Row({"outcome": "met", "reason": REASON}),
    "POST /v1/penalty-notices/assessments": Row({"kind": "s444a", "proposed_on": "2026-09-21", "offence": OFFENCE, "earlier": []}),
    "POST /v1/cases/{case_id}/family-assessments": Row({"offence": OFFENCE, "notices": [{"parent_id": PARENT, "pupil_id": PARENT}]}),
    "POST /v1/cases/{case_id}/penalty-notices": Row({"parents": [PARENT], "offence": OFFENCE, "main_reason": "other"}),
    "GET /v1/penalty-notices": Row(),
    "GET /v1/penalty-notices/{notice_id}": Row(),
    "POST /v1/penalty-notices/{notice_id}/withdrawal": Row({"ground": "outside-code", "reason": REASON}),
    "POST /v1/penalty-notices/{notice_id}/payments": Row({"return_url": "https://pay.example.org/done"}),
    "POST /v1/webhooks/govuk-pay": Row(),
    "GET /v1/suspense": Row(),
    "GET /v1/undecided-cases": Row(),
    "GET /v1/reports/fairness": Row(query=PERIOD),
    "GET /v1/reports/fairness.csv": Row(query=PERIOD),
    "GET /v1/reports/fairness/months": Row(query=f"{PERIOD}&urn={OWN}"),
    "GET /v1/reports/fairness/reasons": Row(query=f"{PERIOD}&urn={OWN}"),
    "GET /v1/cases/{case_id}/reused-reasons": Row(),
    "GET /v1/cases/{case_id}/first-decision": Row(),
    "GET /v1/cases/{case_id}/support-entries": Row(),
    "POST /v1/cases/{case_id}/support-entries": Row(ENTRY),
    "GET /v1/cases/{case_id}/support-completeness": Row(),
    "GET /v1/cases/{case_id}/lead-professionals": Row(),
    "POST /v1/cases/{case_id}/lead-professionals": Row({"name": "N", "office": "O", "since": "2026-09-21"}),
    "GET /v1/support-entries/{entry_id}": Row(),
    "POST /v1/support-entries/{entry_id}/steps": Row({"step": "accepted", "taken_on": "2026-09-21", "notes": REASON}),
    "POST /v1/support-entries/{entry_id}/attachments": Row(raw=True, found=409, found_by={"school": 403, "accredited": 403}),
    "GET /v1/support-entries/{entry_id}/attachments/{number}": Row(found=404),
    "POST /v1/support-entries/{entry_id}/versions": Row({**ENTRY, "version": 1, "reason": REASON}),
    **DEAD_LETTERS,
}


@pytest.fixture
def registers(monkeypatch):
    made = Registers()
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-09-21")
    for name in ("REGISTERS", "THRESHOLDS"):
        monkeypatch.setenv(f"ATTENDANCE_URL_{name}", made.url)
    settings.cache_clear()
    yield made
    made.stop()
    settings.cache_clear()


@pytest.fixture
async def objects(api, database, registers) -> Objects:
    """At each school a case of a holiday, with a Notice to Improve to one parent and a penalty notice to the other."""
    cases, warned, fined, entries = {}, {}, {}, {}
    for urn, la_code in AREAS.items():
        chain = Chain(database, api)
        cases[urn], warned[urn], fined[urn] = await a_case(chain, urn, la_code)
        entries[urn] = (await chain.get(f"/v1/cases/{cases[urn]}/support-entries"))["items"][0]["id"]
    return Objects(
        {
            "cases": everywhere(cases),
            "notices-to-improve": everywhere(warned),
            "penalty-notices": everywhere(fined),
            "support-entries": everywhere(entries),
            "dead-letters": await add_dead_letters(database),
        },
        fixed={"number": "1"},
    )


async def a_case(chain: Chain, urn: int, la_code: str) -> tuple[str, str, str]:
    """Return the ids of a case and its two notices; an agreement refers it to the accredited persons of its school. The log has an entry."""
    upn = UPNS[urn]
    parents = tuple(PupilParent(parent_id=each, urn=urn, relationship="mother", open_match=False) for each in chain.parents)
    holiday = Period(start="2026-09-14", end="2026-09-18")
    await chain.deliver(
        chain.roll((urn, "2025-09-01", None), la_code=la_code, upn=upn),
        ParentChanged(pupil_id=chain.pupil, parents=parents, revision=1),
        chain.calendar("2025-26", urn),
        chain.calendar("2026-27", urn),
        chain.met(both_sessions("2026-09-14", "2026-09-18", "G", urn), urn=urn, la_code=la_code, holiday=True, holiday_period=holiday),
    )
    async with chain.database.begin() as tx:
        case = str((await tx.execute(text("SELECT id FROM cases WHERE urn = :urn"), {"urn": urn})).scalar_one())
    first, second = (str(each) for each in chain.parents)
    for decision, parent, more in (
        ("notice-to-improve", first, {}),
        ("penalty-notice", second, {"no_improvement_notice_reason": "A holiday."}),
    ):
        body = {"decision": decision, "reason": REASON, "parents": [parent], **more}
        await chain.post(f"/v1/cases/{case}/decisions", body)
    warned = await chain.post(f"/v1/cases/{case}/notices-to-improve", {"parents": [first], **IMPROVE})
    agreed = {"agreed": True, "recommendation": "penalty-notice", "reason": REASON, "refer_to": urn}
    await chain.post(f"/v1/cases/{case}/agreement", agreed)
    fined = await chain.post(f"/v1/cases/{case}/penalty-notices", {"parents": [second], "offence": OFFENCE, "main_reason": "other"})
    await chain.post(f"/v1/cases/{case}/support-entries", ENTRY)
    return case, warned["items"][0]["id"], fined["items"][0]["id"]


async def test_every_route_of_penalties_refuses_whoever_does_not_reach_an_object(api, objects, capsys):
    tried = await try_everything(api, SERVICE, ROWS, objects)

    tried.report(SERVICE.name, capsys)
    assert not tried.wrong, "\n".join(tried.wrong)


async def test_a_name_in_a_query_or_a_body_shows_nothing_to_be_there_in_penalties(api, database, objects, capsys):
    own, elsewhere, absent = (objects.ids["cases"][where] for where in ("own", "elsewhere", "absent"))
    notices = objects.ids["penalty-notices"]
    async with database.begin() as tx:
        asked = text("SELECT parent_id FROM penalty_notices WHERE id = CAST(:id AS uuid)")
        parent = str((await tx.execute(asked, {"id": notices["elsewhere"]})).scalar_one())
        about = text("SELECT pupil_id FROM penalty_notices WHERE id = CAST(:id AS uuid)")
        pupil = str((await tx.execute(about, {"id": notices["elsewhere"]})).scalar_one())
    namings = [
        *(
            Naming("GET", f"/v1/{name}?urn={{}}", (ELSEWHERE, 100499))
            for name in ("cases", "undecided-cases", "penalty-notices", "notices-to-improve")
        ),
        Naming("GET", "/v1/cases?upn={}", (UPNS[ELSEWHERE], "D881400020404")),
        *(Naming("GET", f"/v1/{name}?case_id={{}}", (elsewhere, absent)) for name in ("penalty-notices", "notices-to-improve")),
        Naming("POST", "/v1/cases", (UPNS[ELSEWHERE], "D881400020404"), {"upn": "{}", "urn": OWN, "reason": REASON, "kind": "attendance"}),
        Naming("POST", "/v1/cases", (ELSEWHERE, 100499), {"upn": UPNS[OWN], "urn": "{}", "reason": REASON, "kind": "attendance"}),
        Naming("POST", f"/v1/cases/{own}/decisions", (parent, absent), {"decision": "support", "reason": REASON, "parents": ["{}"]}),
        Naming("POST", f"/v1/cases/{own}/liability", (parent, absent), {"parent_id": "{}", "basis": "allowed", "shown_by": REASON}),
        Naming("POST", f"/v1/cases/{own}/liability/withdrawals", (parent, absent), {"parent_id": "{}", "reason": REASON}),
        Naming("POST", f"/v1/cases/{own}/notices-to-improve", (parent, absent), {"parents": ["{}"], **IMPROVE}),
        Naming("POST", f"/v1/cases/{own}/support-entries", (parent, absent), {**ENTRY, "participants": [{"parent_id": "{}"}]}),
        Naming(
            "POST",
            f"/v1/cases/{own}/family-assessments",
            (pupil, absent),
            {"offence": OFFENCE, "notices": [{"parent_id": absent, "pupil_id": "{}"}]},
        ),
        Naming("POST", f"/v1/cases/{own}/clearances", (notices["elsewhere"], absent), {"about": "{}", "reason": REASON}),
        Naming(
            "POST",
            f"/v1/cases/{own}/agreement",
            (ELSEWHERE, 100499),
            {"agreed": True, "recommendation": "penalty-notice", "reason": REASON, "refer_to": "{}"},
        ),
    ]

    tried = await try_naming(api, SERVICE, namings)

    tried.report("penalties, named in queries and bodies", capsys)
    assert not tried.wrong, "\n".join(tried.wrong)
