"""What an accredited person reaches: the cases that the authority refers to their schools, and no others. And what a school's system reads."""

import pytest

from tests.penalties.chain import URN, missing

ELSEWHERE = 100499
ISSUE = {"offence": {"from": "2026-09-14", "to": "2026-09-18"}, "main_reason": "other"}


def accredited(chain, urn=URN):
    return chain.api.as_("accredited", name="P. Accredited", schools=[urn])


async def answer(chain, case, expect=None, **more):
    body = {"agreed": True, "recommendation": "penalty-notice", "reason": "Evidence complete.", **more}
    return await chain.post(f"/v1/cases/{case}/agreement", body, expect=expect)


async def reached(chain, case, urn=URN):
    """Return what an accredited person of a school gets of a case by its id, and how many cases and notices are listed for them."""
    person = accredited(chain, urn)
    lists = [(await person.get(path)).json()["items"] for path in ("/v1/cases", "/v1/penalty-notices", "/v1/notices-to-improve")]
    return (await person.get(f"/v1/cases/{case}")).status_code, [len(items) for items in lists]


@pytest.fixture
async def case(chain):
    case = await chain.opened()
    await chain.decide(case, "penalty-notice", no_improvement_notice_reason="A holiday.")
    return case


async def test_an_accredited_person_reaches_a_case_only_once_it_is_referred_to_their_school(chain, case):
    assert await reached(chain, case) == (403, [0, 0, 0])
    await answer(chain, case)
    assert await reached(chain, case) == (403, [0, 0, 0])

    await answer(chain, case, refer_to=URN)

    assert await reached(chain, case) == (200, [1, 0, 0])
    assert await reached(chain, case, ELSEWHERE) == (403, [0, 0, 0])


async def test_an_accredited_person_issues_the_notice_of_a_referred_case_and_sees_it(chain, case):
    await answer(chain, case, refer_to=URN)

    elsewhere = await accredited(chain, ELSEWHERE).post(f"/v1/cases/{case}/penalty-notices", {"parents": chain.ids(), **ISSUE})
    issued = await accredited(chain).post(f"/v1/cases/{case}/penalty-notices", {"parents": chain.ids(), **ISSUE})

    assert (elsewhere.status_code, issued.status_code) == (403, 201)
    notice = f"/v1/penalty-notices/{issued.json()['items'][0]['id']}"
    assert (await accredited(chain).get(notice)).json()["issued_by"] == "P. Accredited"
    assert (await accredited(chain, ELSEWHERE).get(notice)).status_code == 403
    assert await reached(chain, case) == (200, [1, 2, 0])


async def test_a_new_answer_of_the_authority_ends_the_referral(chain, case):
    await answer(chain, case, refer_to=URN)

    await answer(chain, case, agreed=False, recommendation="neither")

    assert await reached(chain, case) == (403, [0, 0, 0])


async def test_an_agreement_names_whom_it_refers_to(chain, case):
    assert (await answer(chain, case))["refer_to"] is None
    assert (await answer(chain, case, refer_to=URN))["refer_to"] == URN
    assert (await chain.get(f"/v1/cases/{case}"))["agreement"]["refer_to"] == URN


@pytest.mark.parametrize(
    "changes", [{"refer_to": ELSEWHERE}, {"refer_to": URN, "agreed": False}, {"refer_to": URN, "recommendation": "neither"}]
)
async def test_a_referral_is_of_an_agreed_penalty_notice_to_a_school_of_the_pupil(chain, case, changes):
    assert missing(await answer(chain, case, expect=409, **changes)) == ["refer-to"]


async def test_a_school_s_system_reads_of_a_case_its_status_and_stages_and_neither_names_nor_reasons(chain, registers, case):
    registers.people[str(chain.pupil)] = {
        "pupil": {"id": str(chain.pupil), "forename": "Test", "surname": "Pupil"},
        "parents": [{"id": each, "forename": "Pat", "surname": "Pupil"} for each in chain.ids()],
    }
    system = chain.api.as_("mis", schools=[URN])

    listed, shown = await system.get("/v1/cases"), await system.get(f"/v1/cases/{case}")

    assert [set(each) for each in listed.json()["items"]] == [{"id", "upn", "urn", "status"}]
    assert set(shown.json()) == {"id", "upn", "urn", "status", "stages"}
    assert shown.json()["stages"] == [{"parent_id": each, "stage": "requested"} for each in sorted(chain.ids())]
    assert (await chain.api.as_("mis", schools=[ELSEWHERE]).get(f"/v1/cases/{case}")).status_code == 403


async def test_the_stage_of_each_parent_is_the_furthest_step_that_stands(chain):
    case = await chain.opened()
    stages = []

    async def look():
        shown = (await chain.api.as_("mis", schools=[URN]).get(f"/v1/cases/{case}")).json()["stages"]
        by_parent = {each["parent_id"]: each["stage"] for each in shown}
        stages.append(tuple(by_parent[each] for each in chain.ids()))

    await look()
    await chain.decide(case, "support", 0)
    await look()
    await chain.warn(case, 0)
    await look()
    await chain.decide(case, "penalty-notice", 1, no_improvement_notice_reason="A holiday.")
    await look()
    await answer(chain, case)
    await look()
    await chain.fine(case, 1)
    await look()

    assert stages == [
        ("to-consider", "to-consider"),
        ("support", "to-consider"),
        ("notice-to-improve", "to-consider"),
        ("notice-to-improve", "requested"),
        ("notice-to-improve", "agreed"),
        ("notice-to-improve", "penalty-notice"),
    ]
