"""UPNs: permanent, temporary, changed; whoever has the old one or the new one finds the pupil (domain.md 6.1)."""

import asyncio

import pytest

from services.registers.pupils.domain.upn import check_letter, is_valid, kind
from tests.registers.given import A, B, C, a_body, a_pupil, a_register, a_school, published, scalar, upn

NEW = upn(500)
BODY = "88140002007A"
TEMPORARY = check_letter(BODY) + BODY


async def change(api, new=NEW, was=None, reason="The permanent UPN is known now."):
    return await api.as_("mis", schools=[A]).post(f"/v1/pupils/{was or upn(1)}/upn-changes", {"new_upn": new, "reason": reason})


async def marks(api, which):
    return (await api.as_("aco").get(f"/v1/pupils/{which}/marks?from=2026-09-01&to=2026-12-31")).json()["items"]


@pytest.mark.parametrize(
    ("which", "want"), [("X88120002400A", "temporary"), ("Q88140012601B", "temporary"), ("L881200024001", "permanent")]
)
def test_a_temporary_upn_ends_in_a_letter(which, want):
    assert (is_valid(which), kind(which)) == (True, want)


async def test_both_the_old_and_the_new_upn_find_the_pupil(api, database):
    await a_school(api)
    pupil = await a_pupil(api)
    await a_register(api, (1, "O"))

    answer = await change(api)

    assert answer.status_code == 201, answer.text
    known = answer.json()
    assert (known["pupil_id"], known["upn"], known["upns"]) == (pupil["id"], NEW, sorted([upn(1), NEW]))
    assert [(each["was"], each["became"], each["reason"]) for each in known["changes"]] == [
        (upn(1), NEW, "The permanent UPN is known now.")
    ]
    assert await marks(api, upn(1)) == await marks(api, NEW)
    assert (await api.as_("aco").get(f"/v1/pupils/{upn(1)}/upns")).json() == known
    first, second = await published(database, "roll-changed")
    assert (second.pupil_id, second.upn, second.rolls, second.revision > first.revision) == (first.pupil_id, NEW, first.rolls, True)
    assert (first.former_upns, second.former_upns) == ((), (upn(1),))


async def test_a_quarantined_mark_under_the_new_upn_overwrites_no_later_one_under_the_old(api, database):
    await a_school(api)
    await a_pupil(api)
    await a_register(api, {"upn": NEW, "code": "O"})
    await a_register(api, (1, "I"))
    await a_register(api, {"upn": NEW, "code": "O"}, session="PM")

    await change(api)

    assert [(each["session"], [one["code"] for one in each["versions"]]) for each in await marks(api, NEW)] == [
        ("AM", ["I"]),
        ("PM", ["O"]),
    ]
    assert await scalar(database, "SELECT count(*) FROM quarantine WHERE released_at IS NULL") == 1


async def test_quarantined_marks_under_two_upns_are_released_in_the_order_of_arrival(api):
    await a_school(api)
    await a_register(api, (1, "N"))
    await a_register(api, {"upn": NEW, "code": "I"})

    await a_pupil(api)
    await change(api)

    assert [[one["code"] for one in each["versions"]] for each in await marks(api, NEW)] == [["N", "I"]]


async def test_registers_and_rolls_are_accepted_under_either_upn(api, database):
    await a_school(api)
    pupil = await a_pupil(api)
    await change(api)

    old = await a_register(api, (1, "O"))
    new = await a_register(api, {"upn": NEW, "code": "I"})
    again = await a_pupil(api, 1, left_on="2026-12-18")
    answer = await api.as_("mis", schools=[A]).put(f"/v1/schools/{A}/pupils/{NEW}", a_body(left_on="2026-12-18"))

    assert (old["recorded"], new["amended"]) == (1, 1)
    assert (again["id"], again["upn"], answer.json()["id"], answer.status_code) == (pupil["id"], NEW, pupil["id"], 200)
    assert await scalar(database, "SELECT count(*) FROM pupils") == 1
    assert [event.upn for event in await published(database, "roll-changed")] == [upn(1), NEW, NEW]


async def test_marks_that_came_too_early_under_the_new_upn_are_released(api):
    for urn in (A, B):
        await a_school(api, urn)
        await a_pupil(api, 1, urn)
    await a_register(api, {"upn": NEW, "code": "O"}, urn=B)

    await change(api)

    assert [(mark["urn"], mark["code"]) for mark in await marks(api, NEW)] == [(B, "O")]


async def test_rolls_that_overlap_still_do_after_a_change_of_upn(api, database):
    for urn in (A, B):
        await a_school(api, urn)
        await a_pupil(api, 1, urn)

    await change(api)
    await a_register(api, {"upn": NEW, "code": "O"})

    assert (await published(database, "session-recorded"))[-1].marks[0].dual is True


async def test_the_same_upn_again_changes_nothing_and_a_wrong_upn_can_be_replaced(api, database):
    await a_school(api)
    await a_pupil(api)
    await change(api)

    again = await change(api)
    back = await change(api, new=upn(1), was=NEW, reason="It was another child's.")

    assert (again.status_code, back.status_code) == (201, 201)
    assert (back.json()["upn"], len(back.json()["changes"])) == (upn(1), 2)
    assert (
        await scalar(database, "SELECT string_agg(was->>'upn', ' ' ORDER BY id) FROM superseded WHERE kind = 'pupils'") == f"{upn(1)} {NEW}"
    )


@pytest.mark.parametrize("taken", ["present", "former"])
async def test_another_pupil_s_upn_is_not_given_away(api, taken):
    await a_school(api)
    await a_pupil(api, 1)
    await a_pupil(api, 2)
    if taken == "former":
        await change(api, was=upn(2))

    assert (await change(api, new=upn(2))).status_code == 409


async def test_a_temporary_upn_gives_way_and_does_not_come_back(api):
    await a_school(api)
    made = await api.as_("mis", schools=[A]).put(f"/v1/schools/{A}/pupils/{TEMPORARY}", a_body())
    await a_pupil(api, 1)

    assert made.json()["upn_kind"] == "temporary"
    assert (await change(api, new=TEMPORARY)).status_code == 409
    assert (await change(api, was=TEMPORARY)).json()["upn_kind"] == "permanent"
    back = await change(api, was=NEW, new=TEMPORARY, reason="It was its own before.")
    assert (back.status_code, back.json()["title"]) == (409, "A permanent UPN does not give way to a temporary one")
    found = (await api.as_("aco").get(f"/v1/pupils/{TEMPORARY}/upns")).json()
    assert (found["upn"], len(found["changes"])) == (NEW, 1)


async def test_a_change_of_upn_and_a_pupil_at_the_same_time_stay_one_pupil(api, database):
    await a_school(api)
    await a_pupil(api)

    answer, *_ = await asyncio.gather(change(api), a_pupil(api, 1, surname="Other"), a_pupil(api, 500, surname="Other"))

    assert await scalar(database, "SELECT count(*) FROM pupils") == await scalar(database, "SELECT count(DISTINCT pupil_id) FROM upns")
    assert answer.status_code in {201, 409}


async def test_a_change_of_upn_is_refused_to_other_schools_and_without_a_reason(api):
    await a_school(api)
    await a_pupil(api)

    assert (await api.as_("mis", schools=[C]).post(f"/v1/pupils/{upn(1)}/upn-changes", {})).status_code == 403
    assert (await change(api, new="A881400020001")).status_code == 422
    assert (await change(api, reason="")).status_code == 422
    assert (await api.as_("aco").post(f"/v1/pupils/{upn(9)}/upn-changes", {"new_upn": NEW, "reason": "x"})).status_code == 404
