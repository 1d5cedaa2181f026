"""Two records of one child, one of them out of the officer's reach: the other authority is asked, and nobody learns what exists."""

import pytest

from tests.registers.given import A, B, C, a_pupil, a_register, a_school, scalar, the_marks, upn
from tests.registers.test_same_child import undo

HERE, THERE = "881", "935"
ABSENT = "00000000-0000-7000-8000-000000000000"


async def two_authorities(api, **changes):
    """A pupil at A in one authority, another record at B in another one; C is in a third."""
    for urn, la_code in ((A, HERE), (B, THERE), (C, "208")):
        await a_school(api, urn, la_code=la_code)
    await a_pupil(api, 1, A, left_on="2026-09-18")
    return await a_pupil(api, 2, B, admitted_on="2026-09-21", **changes)


async def ask(api, *upns, la_code=HERE, **more):
    body = {"upns": list(upns or (upn(1), upn(2))), "reason": "The file came.", **more}
    return await api.as_("aco", name="Ann Officer", la_code=la_code).post("/v1/pupil-mergers", body)


async def answer(api, proposal, same=True, la_code=THERE, name="Kim Officer", **more):
    body = {"same": same, "reason": "We have the file.", **more}
    return await api.as_("aco", name=name, la_code=la_code).post(f"/v1/merger-proposals/{proposal['id']}", body)


async def proposals(api, la_code, status="open"):
    return (await api.as_("acsa", la_code=la_code).get(f"/v1/merger-proposals?status={status}")).json()["items"]


async def test_an_officer_cannot_merge_a_child_of_another_authority_and_read_it(api, database):
    other = await two_authorities(api)
    await a_register(api, (2, "O"), urn=B, day="2026-09-22")

    asked = await ask(api)

    assert (asked.status_code, asked.json()["status"]) == (201, "open")
    assert await scalar(database, "SELECT count(*) FROM pupil_mergers") == 0
    assert (await api.as_("aco", la_code=HERE).get(f"/v1/pupils/{upn(2)}/marks")).status_code == 403
    assert (await api.as_("aco", la_code=HERE).get(f"/v1/people/{other['id']}")).status_code == 403


async def test_the_answer_is_the_same_whether_the_other_record_exists_or_not(api):
    await two_authorities(api)

    exists, absent = (await ask(api)).json(), (await ask(api, upn(1), upn(9))).json()

    def without(proposal):
        return {name: value for name, value in proposal.items() if name not in {"id", "other_upn", "proposed_at"}}

    assert without(exists) == without(absent)
    assert (await ask(api, upn(2), upn(9))).status_code == 403
    assert (await ask(api, upn(8), upn(9))).json() == (await ask(api, upn(2), upn(9))).json()


async def test_the_other_authority_confirms_and_both_read_the_child(api):
    await two_authorities(api)
    await a_register(api, (2, "O"), urn=B, day="2026-09-22")
    await ask(api)

    (proposal,) = await proposals(api, THERE)
    confirmed = await answer(api, proposal)

    assert proposal["pupil"] == {"forename": "Test", "surname": "Pupil", "date_of_birth": "2014-03-03"}
    assert (confirmed.status_code, confirmed.json()["status"], confirmed.json()["decided_by"]) == (200, "confirmed", "Kim Officer")
    assert [mark["urn"] for mark in await the_marks(api, 1, role="aco")] == [B]
    assert (await api.as_("aco", la_code=HERE).get(f"/v1/pupils/{upn(2)}/marks")).status_code == 200
    assert (await proposals(api, THERE), len(await proposals(api, HERE, "confirmed"))) == ([], 1)


async def test_an_authority_that_proposes_cannot_confirm_and_either_may_refuse(api, database):
    await two_authorities(api)
    proposal = (await ask(api)).json()

    assert (await answer(api, proposal, la_code=HERE)).status_code == 403
    refused = await answer(api, proposal, same=False, la_code=HERE)

    assert (refused.status_code, refused.json()["status"]) == (200, "refused")
    assert (await answer(api, proposal)).status_code == 409
    assert (await answer(api, (await ask(api)).json(), same=False)).json()["status"] == "refused"
    with pytest.raises(Exception, match="kept as it was decided"):
        await scalar(database, "UPDATE merger_proposals SET status = 'open' RETURNING id")


async def test_a_third_authority_sees_no_proposal_existing_or_not(api):
    await two_authorities(api)
    proposal = (await ask(api)).json()

    assert await proposals(api, "208") == []
    for each in (proposal, {"id": ABSENT}, {"id": "no-id"}):
        assert (await answer(api, each, la_code="208")).status_code == 403
        assert (await answer(api, each, same=False, la_code="208")).status_code == 403


async def test_the_same_proposal_again_is_the_same_one(api):
    await two_authorities(api)

    assert (await ask(api)).json()["id"] == (await ask(api)).json()["id"]
    assert len(await proposals(api, THERE)) == 1


async def test_different_birth_dates_are_explained_by_who_confirms(api):
    await two_authorities(api, date_of_birth="2010-09-01")
    proposal = (await ask(api)).json()

    assert (await answer(api, proposal)).status_code == 409
    wrong = {"upn": upn(2), "reason": "The birth certificate was seen."}
    assert (await answer(api, proposal, wrong_birth_date=wrong)).status_code == 200


async def test_an_officer_whose_authority_only_claims_a_child_merges_nothing_with_it(api):
    await two_authorities(api)
    await a_pupil(api, 2, A, surname="Stranger")

    assert (await ask(api)).json()["status"] == "open"


async def test_an_officer_of_every_authority_merges_at_once_and_the_other_takes_it_back(api):
    other = await two_authorities(api)

    merger = await ask(api, la_code=None)

    assert "survivor" in merger.json()
    assert (await undo(api, merger.json(), la_code=THERE)).status_code == 200
    assert (await api.as_("aco", la_code=HERE).get(f"/v1/people/{other['id']}")).status_code == 403


async def test_another_child_s_upn_is_not_shown_to_exist_by_a_change_of_upn(api, database):
    await two_authorities(api)
    school = api.as_("school", schools=[A], name="K. Clerk")
    change = {"new_upn": upn(2), "reason": "The number on the file."}

    taken = await school.post(f"/v1/pupils/{upn(1)}/upn-changes", change)
    narrowed = await api.as_("aco", la_code=HERE, name="Ann Officer").post(f"/v1/pupils/{upn(1)}/upn-changes", change)

    assert (taken.status_code, narrowed.status_code) == (201, 201)
    assert taken.json() == narrowed.json()
    assert (taken.json()["upn"], taken.json()["upns"]) == (upn(2), sorted([upn(1), upn(2)]))
    assert [(each["own_upn"], each["other_upn"]) for each in await proposals(api, THERE)] == [(upn(1), upn(2))]
    assert await scalar(database, "SELECT count(*) FROM pupil_mergers") == 0
    free = await school.post(f"/v1/pupils/{upn(1)}/upn-changes", {**change, "new_upn": upn(9)})
    assert (free.status_code, free.json()["upn"], free.json().keys()) == (201, upn(9), taken.json().keys())


async def test_an_officer_who_decides_sees_both_children_and_one_who_asked_their_own_alone(api):
    await two_authorities(api, forename="Robin")
    proposal = (await ask(api)).json()

    asker, decider = [
        (await api.as_("acsa", la_code=la_code).get(f"/v1/merger-proposals/{proposal['id']}")).json() for la_code in (HERE, THERE)
    ]

    assert (asker["pupil"]["forename"], asker["other"], asker["decides"]) == ("Test", None, False)
    assert (decider["pupil"]["forename"], decider["other"]["forename"], decider["decides"]) == ("Test", "Robin", True)
    assert (await api.as_("acsa", la_code="208").get(f"/v1/merger-proposals/{proposal['id']}")).status_code == 403


async def test_an_authority_counts_the_proposals_that_await_its_own_answer(api):
    await two_authorities(api)
    await ask(api)

    counts = [
        (await api.as_("acsa", la_code=la_code).get("/v1/merger-proposals?deciding=true")).json()["total"]
        for la_code in (HERE, THERE, None)
    ]

    assert counts == [0, 1, 1]
