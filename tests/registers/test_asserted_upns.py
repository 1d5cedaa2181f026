"""A number that another child has, out of reach of whoever records it: the answers are those for a free one, and officers decide."""

import re

import pytest

from tests.registers.given import A, B, C, a_body, a_parent, a_pupil, a_register, a_school, published, scalar, upn

HERE, THERE = "881", "935"
HELD, FREE, FREE_TOO = upn(2), upn(9), upn(8)
LEAVE = {"asked_on": "2026-09-01", "from": "2026-10-12", "to": "2026-10-13", "reason": "A wedding"}


async def two_children(api):
    """A child at A, and another one under HELD at B in another authority; C is of the first authority."""
    for urn, la_code in ((A, HERE), (B, THERE), (C, HERE)):
        await a_school(api, urn, la_code=la_code)
    own = await a_pupil(api, 1, A)
    other = await a_pupil(api, 2, B, forename="Robin", surname="Other", date_of_birth="2015-03-02")
    return own["id"], other["id"]


def school(api, urn=A, role="school"):
    return api.as_(role, schools=[urn], name=None if role == "mis" else "K. Clerk")


async def change(api, new=HELD, was=None, caller=None):
    body = {"new_upn": new, "reason": "The number on the file."}
    return await (caller or school(api)).post(f"/v1/pupils/{was or upn(1)}/upn-changes", body)


async def decide(api, same, la_code=THERE, **more):
    officer = api.as_("aco", la_code=la_code, name="Kim Officer")
    (proposal,) = (await officer.get("/v1/merger-proposals?deciding=true")).json()["items"]
    answer = await officer.post(f"/v1/merger-proposals/{proposal['id']}", {"same": same, "reason": "We have the file.", **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def codes(api, number, caller):
    found = await caller.get(f"/v1/pupils/{number}/marks?from=2026-09-01&to=2026-12-31")
    return (
        [(each["urn"], each["session"], each["code"]) for each in found.json()["items"]] if found.status_code == 200 else found.status_code
    )


async def everything_read(api, was, number, pupil_id):
    """Return what a school and an officer of its authority are answered about a child who gets a number, without what names either."""
    answers = []
    for caller in (school(api), api.as_("aco", la_code=HERE, name="Ann Officer"), school(api, role="mis")):
        answers += [await change(api, number, was, caller), await change(api, was, number, caller), await change(api, number, was, caller)]
        answers += [await caller.get(f"/v1/pupils/{each}/upns") for each in (number, was)]
        answers += [await caller.get(f"/v1/pupils/{each}/marks?from=2026-09-01&to=2026-12-31") for each in (number, was)]
        answers.append(await caller.get(f"/v1/pupils/{number}/certificate?urn={A}&from=2026-09-01&to=2026-12-31"))
    machine, ref = school(api, role="mis"), f"PARENT-OF-{was}"  # each child has a family of its own
    marks = {"marks": [{"upn": number, "code": "O"}, {"upn": number, "code": "?"}]}
    amendment = {"code": "I", "reason": "A note came.", "amended_by": {"name": "Jo Head", "title": "Head"}}
    answers += [
        await machine.put(f"/v1/schools/{A}/registers/2026-09-15/AM", marks),
        await school(api).patch(f"/v1/schools/{A}/registers/2026-09-15/AM/marks/{number}", amendment),
        await machine.put(f"/v1/schools/{A}/pupils/{number}", a_body(parents=[a_parent(ref)])),
        await machine.put(f"/v1/schools/{A}/roll", {"pupils": [a_body(parents=[a_parent(ref)], upn=number)]}),
        await school(api).post("/v1/leave-requests", {"upn": number, "urn": A, "parent_ref": ref, **LEAVE}),
        await school(api).get(f"/v1/people/{pupil_id}"),
        await school(api, C).get(f"/v1/pupils/{number}/upns"),
        await change(api, FREE_TOO, number, school(api, C)),
    ]
    names = {number: "NUMBER", was: "FORMER", pupil_id: "PUPIL"}
    return [(answer.status_code, _without(answer.text, names)) for answer in answers]


def _without(text, names):
    for name, shown in names.items():
        text = text.replace(name, shown)
    varies = r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d)|(mis|school|aco):[0-9a-f]+"
    return re.sub(varies, "…", text)


@pytest.mark.parametrize("number", [HELD, FREE])
async def test_a_number_out_of_reach_is_taken_as_recorded_like_a_free_one(api, number):
    own, _ = await two_children(api)

    taken = await change(api, number)

    known = taken.json()
    assert (taken.status_code, known["pupil_id"], known["upn"], known["upns"]) == (201, own, number, sorted([upn(1), number]))
    assert [(each["was"], each["became"]) for each in known["changes"]] == [(upn(1), number)]
    assert set(known) == {"pupil_id", "upn", "upn_kind", "upns", "changes"}


async def test_no_answer_at_once_or_later_shows_that_a_number_is_another_child_s(api):
    own, _ = await two_children(api)
    like_it = (await a_pupil(api, 3, A))["id"]

    held, free = await everything_read(api, upn(1), HELD, own), await everything_read(api, upn(3), FREE, like_it)

    assert held == free
    assert [status for status, _ in held].count(201) == 10


async def test_registers_of_two_schools_under_one_number_reach_each_its_own_child(api, database):
    await two_children(api)
    await a_register(api, {"upn": HELD, "code": "O"}, urn=A)  # before the change: in quarantine
    await change(api)

    here = await a_register(api, {"upn": HELD, "code": "O"}, urn=A, session="PM")
    there = await a_register(api, {"upn": HELD, "code": "I"}, urn=B, session="PM")

    assert (here["recorded"], there["recorded"]) == (1, 1)
    assert await codes(api, HELD, school(api)) == await codes(api, upn(1), school(api)) == [(A, "AM", "O"), (A, "PM", "O")]
    assert await codes(api, HELD, school(api, B)) == await codes(api, HELD, api.as_("service")) == [(B, "PM", "I")]
    assert await codes(api, upn(1), school(api, B)) == 403
    assert await scalar(database, "SELECT count(*) FROM quarantine WHERE released_at IS NULL") == 0


async def test_a_roll_sent_under_a_recorded_number_is_that_of_the_school_s_own_child(api, database):
    own, other = await two_children(api)
    await change(api)

    sent = await school(api, role="mis").put(f"/v1/schools/{A}/pupils/{HELD}", a_body(left_on="2026-12-18"))
    there = await school(api, B, "mis").put(
        f"/v1/schools/{B}/pupils/{HELD}", a_body(forename="Robin", surname="Other", date_of_birth="2015-03-02", left_on="2026-12-18")
    )

    assert (sent.status_code, sent.json()["id"], sent.json()["claim"]) == (200, own, "accepted")
    assert (there.status_code, there.json()["id"], there.json()["upn"]) == (200, other, HELD)
    assert await scalar(database, "SELECT count(*) FROM pupils") == 2
    rolls = {str(event.pupil_id): event for event in await published(database, "roll-changed")}
    assert (rolls[own].upn, rolls[own].former_upns, rolls[own].asserted_upns) == (HELD, (upn(1),), (HELD,))
    assert (rolls[other].upn, rolls[other].former_upns, rolls[other].asserted_upns) == (HELD, (), ())
    assert {spell.urn for spell in rolls[own].rolls} == {A}


async def test_officers_who_refuse_give_the_child_the_number_back_and_no_mark_is_lost(api, database):
    own, _ = await two_children(api)
    await change(api)
    await a_register(api, {"upn": HELD, "code": "O"}, urn=A)

    refused = await decide(api, same=False)
    later = await a_register(api, {"upn": HELD, "code": "I"}, urn=A, session="PM")

    assert refused["status"] == "refused"
    known = (await school(api).get(f"/v1/pupils/{upn(1)}/upns")).json()
    assert (known["pupil_id"], known["upn"], known["upns"]) == (own, upn(1), [upn(1)])
    assert [(each["was"], each["became"], each["reason"]) for each in known["changes"]] == [
        (upn(1), HELD, "The number on the file."),
        (HELD, upn(1), "We have the file."),
    ]
    assert await codes(api, upn(1), school(api)) == [(A, "AM", "O")]
    assert (later["recorded"], [each["upn"] for each in later["rejected"]]) == (0, [HELD])
    assert await codes(api, HELD, school(api)) == 403
    assert (await published(database, "roll-changed"))[-1].asserted_upns == ()


async def test_officers_who_confirm_make_one_child_and_the_number_finds_all_of_the_child(api):
    await two_children(api)
    await change(api)
    await a_register(api, {"upn": HELD, "code": "O"}, urn=A)
    await a_register(api, {"upn": HELD, "code": "I"}, urn=B)

    await decide(api, same=True, wrong_birth_date={"upn": upn(1), "reason": "The certificate."})

    assert await codes(api, HELD, api.as_("aco")) == await codes(api, upn(1), api.as_("aco")) == [(A, "AM", "O"), (B, "AM", "I")]
    assert await codes(api, HELD, school(api)) == [(A, "AM", "O")]
    merged = (await api.as_("aco").get("/v1/pupil-mergers")).json()["items"][0]
    undone = await api.as_("aco", name="Ann Officer").post(f"/v1/pupil-mergers/{merged['id']}/undo", {"reason": "They are two."})
    assert undone.status_code == 200, undone.text
    assert await codes(api, HELD, api.as_("aco")) == [(B, "AM", "I")]
    assert await codes(api, upn(1), school(api)) == [(A, "AM", "O")]
    assert (await school(api).get(f"/v1/pupils/{upn(1)}/upns")).json()["upn"] == upn(1)


async def test_the_authority_of_the_change_confirms_nothing_alone(api):
    await two_children(api)
    await change(api)

    officer = api.as_("aco", la_code=HERE, name="Ann Officer")
    (proposal,) = (await officer.get("/v1/merger-proposals")).json()["items"]
    confirmed = await officer.post(f"/v1/merger-proposals/{proposal['id']}", {"same": True, "reason": "Surely."})

    assert (proposal["own_upn"], proposal["other_upn"], proposal["decides"]) == (upn(1), HELD, False)
    assert confirmed.status_code == 403
    assert (await officer.get(f"/v1/pupils/{HELD}/marks")).status_code == 200
    assert await codes(api, HELD, officer) == []


async def test_a_number_within_reach_stays_with_the_child_who_has_it(api):
    await two_children(api)
    await a_pupil(api, 3, A)
    await change(api)

    assert (await change(api, HELD, was=upn(3))).status_code == 409
    assert (await change(api, HELD, was=upn(3), caller=api.as_("aco", name="Ann Officer"))).status_code == 409


async def test_a_number_that_a_school_claims_already_is_not_taken_by_another_child_of_it(api):
    await two_children(api)
    claimed = await school(api, role="mis").put(f"/v1/schools/{A}/pupils/{HELD}", a_body(surname="Elsewhere"))
    assert claimed.json()["claim"] == "waiting"

    assert (await change(api)).status_code == 409


async def test_at_a_school_of_both_children_the_number_finds_the_one_who_had_it(api, database):
    own, other = await two_children(api)
    await a_pupil(api, 1, C)
    await a_pupil(api, 2, C, forename="Robin", surname="Other", date_of_birth="2015-03-02")
    await change(api)

    await a_register(api, {"upn": HELD, "code": "O"}, (1, "I"), urn=C)

    found = await scalar(database, f"SELECT string_agg(pupil_id || code, ' ' ORDER BY code) FROM marks WHERE urn = {C}")
    assert found == f"{own}I {other}O"
    rolls = {str(event.pupil_id): event for event in await published(database, "roll-changed")}
    assert {spell.urn for spell in rolls[own].rolls} == {A, C}
    for urn, number in ((A, HELD), (C, upn(1))):  # what a list shows finds the same child where it is sent back
        await a_register(api, {"upn": number, "code": "N"}, urn=urn, session="PM")
        listed = (await api.as_("school", schools=[urn]).get(f"/v1/schools/{urn}/unresolved")).json()["items"]
        assert [each["upn"] for each in listed] == [number]
