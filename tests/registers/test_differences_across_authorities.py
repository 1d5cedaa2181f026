"""A pupil on rolls of two authorities whom the schools record differently: an officer of each decides, as of a merger."""

import asyncio

from tests.registers.given import A, B, C, a_pupil, a_school, scalar, upn
from tests.registers.test_differences import OTHER, decide, open_ones, rolls, the_difference

HERE, THERE = "881", "935"
BORN = "2014-03-03"


async def two_authorities(api):
    """A pupil at A here and at B in another authority, who records another birth date."""
    for urn, la_code in ((A, HERE), (B, THERE), (C, "208")):
        await a_school(api, urn, la_code=la_code)
    await a_pupil(api, 1, A)
    await a_pupil(api, 1, B)
    await a_pupil(api, 1, B, date_of_birth=OTHER)
    return await the_difference(api)


async def born(database):
    return str(await scalar(database, "SELECT date_of_birth FROM pupils"))


async def test_a_decision_counts_once_an_officer_of_the_other_authority_decides_alike(api, database):
    difference = await two_authorities(api)
    before = len(await rolls(database))

    first = (await decide(api, difference, B, la_code=HERE)).json()
    waiting = await born(database)
    second = (await decide(api, difference, B, la_code=THERE, name="Kim Officer")).json()

    assert (first["status"], first["decisions"], first["awaits"], waiting) == ("open", [], [THERE], BORN)
    assert [(each["la_code"], each["urn"], each["confirmed_by"]) for each in first["confirmations"]] == [(HERE, B, "Ann Officer")]
    assert (second["status"], second["confirmations"], second["awaits"]) == ("decided", [], [])
    assert [each["decided_by"] for each in second["decisions"]] == ["Ann Officer", "Kim Officer"]
    assert (await born(database), len(await rolls(database)) - before) == (OTHER, 1)


async def test_officers_who_decide_otherwise_change_nothing_until_they_agree(api, database):
    difference = await two_authorities(api)

    await decide(api, difference, B, la_code=HERE)
    other = (await decide(api, difference, A, la_code=THERE)).json()
    assert ([(each["la_code"], each["urn"]) for each in other["confirmations"]], await born(database)) == ([(HERE, B), (THERE, A)], BORN)
    agreed = (await decide(api, difference, A, la_code=HERE)).json()

    assert (agreed["status"], await born(database)) == ("decided", BORN)


async def test_an_officer_of_both_decides_alone_and_one_of_a_third_authority_not_at_all(api, database):
    difference = await two_authorities(api)
    await decide(api, difference, A, la_code=HERE)

    assert (await decide(api, difference, B, la_code="208")).status_code == 403
    decided = (await decide(api, difference, B)).json()

    assert (decided["status"], decided["confirmations"], await born(database)) == ("decided", [], OTHER)


async def test_a_record_that_changes_meanwhile_is_decided_again_by_both(api, database):
    difference = await two_authorities(api)
    await decide(api, difference, B, la_code=HERE)

    await a_pupil(api, 1, B, date_of_birth="2009-01-01")
    later = (await decide(api, difference, B, la_code=THERE)).json()

    assert ([each["la_code"] for each in later["confirmations"]], later["awaits"], await born(database)) == ([THERE], [HERE], BORN)


async def test_a_roll_sent_again_as_before_leaves_what_an_officer_decided(api):
    difference = await two_authorities(api)
    await decide(api, difference, B, la_code=HERE)

    await a_pupil(api, 1, B, date_of_birth=OTHER, left_on="2026-12-18")

    assert (await decide(api, difference, B, la_code=THERE)).json()["status"] == "decided"


async def test_two_officers_who_decide_at_the_same_moment_decide_together(api, database):
    difference = await two_authorities(api)

    await asyncio.gather(decide(api, difference, B, la_code=HERE), decide(api, difference, B, la_code=THERE))

    assert (await born(database), await open_ones(api)) == (OTHER, [])


async def test_a_pupil_is_taken_from_a_school_of_another_authority_with_that_authority_s_officer_alone(api):
    difference = await two_authorities(api)

    assert (await decide(api, difference, A, {B: False}, la_code=HERE)).status_code == 409
    assert (await decide(api, difference, A, {B: False}, la_code=THERE)).json()["awaits"] == [HERE]
    decided = (await decide(api, difference, A, {B: False}, la_code=HERE)).json()

    assert (decided["status"], [each["claim"] for each in decided["schools"] if each["urn"] == B]) == ("decided", ["refused"])
    assert (await api.as_("school", schools=[B]).get(f"/v1/pupils/{upn(1)}/upns")).status_code == 403
