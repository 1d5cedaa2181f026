"""A whole school's roll in one request: each pupil is judged alone, all others are stored."""

import asyncio

import pytest

from tests.registers.given import A, B, a_body, a_parent, a_pupil, a_register, a_school, published, scalar, the_marks, upn
from tests.support import statements

PATH = f"/v1/schools/{A}/roll"


def a_row(number, **changes):
    return {"upn": upn(number), **a_body(**changes)}


async def a_roll(api, *pupils, urn=A):
    answer = await api.as_("mis", schools=[urn]).put(f"/v1/schools/{urn}/roll", {"pupils": list(pupils)})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_roll_is_stored_and_sending_it_again_is_harmless(api, database):
    await a_school(api)
    rows = [a_row(number, parents=[a_parent(f"C{number}")]) for number in range(1, 6)]

    first = await a_roll(api, *rows)
    again = await a_roll(api, *rows)

    assert first == {"stored": 5, "unchanged": 0, "released": 0, "rejected": [], "waiting": []}
    assert again == {"stored": 0, "unchanged": 5, "released": 0, "rejected": [], "waiting": []}
    assert len(await published(database, "roll-changed")) == 5
    assert len(await published(database, "parent-changed")) == 5
    assert await scalar(database, "SELECT count(*) FROM superseded") == 0


async def test_a_roll_publishes_the_same_events_as_pupil_by_pupil(api, database):
    for urn in (A, B):
        await a_school(api, urn)
    row = a_row(1, parents=[a_parent(relationship="mother", lives_with_pupil=True, liability_basis="natural-parent")])
    one = await a_pupil(api, 1, **{name: value for name, value in row.items() if name != "upn"})
    before = await published(database)

    answer = await a_roll(api, row)

    assert answer["unchanged"] == 1
    assert await published(database) == before
    assert (await api.as_("service").get(f"/v1/people/{one['id']}")).json()["parents"][0]["liability_basis"] == "natural-parent"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"upn": "A881400020001"}, "The UPN's check letter does not fit its digits."),
        ({"upn": "nonsense"}, "The UPN is not thirteen characters of the right shape."),
        ({"upn": None}, "The UPN is not thirteen characters of the right shape."),
        ({"forename": ""}, "forename: "),
        ({"date_of_birth": "03/03/2014"}, "date_of_birth: "),
        ({"left_on": "2025-08-31"}, "left_on is before admitted_on."),
        ({"parents": [a_parent(), a_parent()]}, "two parents have the same ref."),
    ],
)
async def test_a_pupil_who_cannot_be_stored_is_named_and_the_rest_is_stored(api, database, change, reason):
    await a_school(api)

    answer = await a_roll(api, a_row(1), {**a_row(2), **change}, a_row(3))

    assert answer["stored"] == 2
    (rejected,) = answer["rejected"]
    assert rejected["reason"].startswith(reason)
    assert "2014" not in rejected["reason"]
    assert rejected["upn"] == (change.get("upn", upn(2)) or "")
    assert await scalar(database, "SELECT count(*) FROM pupils") == 2


async def test_the_last_record_of_a_pupil_who_is_sent_twice_counts(api, database):
    await a_school(api)

    assert (await a_roll(api, a_row(1), a_row(1, surname="Last")))["stored"] == 1
    assert await scalar(database, "SELECT string_agg(surname, ' ') FROM pupils_at_schools") == "Last"


async def test_a_pupil_who_is_not_named_stays(api, database):
    await a_school(api)
    await a_roll(api, a_row(1), a_row(2))

    await a_roll(api, a_row(2, left_on="2026-12-18"))

    assert await scalar(database, "SELECT count(*) FROM roll_spells WHERE left_on IS NULL") == 1


async def test_siblings_have_one_parent(api, database):
    await a_school(api)

    await a_roll(api, a_row(1, parents=[a_parent("C1")]), a_row(2, parents=[a_parent("C1", email="pat@example.org")]))

    assert await scalar(database, "SELECT count(*) FROM parents") == 1
    assert await scalar(database, "SELECT email FROM contacts") == "pat@example.org"


async def test_a_roll_proposes_likely_matches(api):
    for urn in (A, B):
        await a_school(api, urn)
    await a_pupil(api, 9, B, parents=[a_parent(phone="01245 000000")])

    await a_roll(api, *(a_row(number, parents=[a_parent(phone="01245 000000")]) for number in (1, 2)))

    (match,) = (await api.as_("aco").get("/v1/parent-matches")).json()["items"]
    assert match["reasons"] == ["name", "phone"]


async def test_a_roll_releases_the_marks_that_it_explains_register_by_register(api, database):
    await a_school(api)
    await a_pupil(api, 3, left_on="2026-09-09")
    await a_register(api, (1, "O"), (2, "I"), (3, "O"))
    await a_register(api, (1, "G"), (4, "O"), session="PM")

    answer = await a_roll(api, a_row(1), a_row(2))

    assert (answer["stored"], answer["released"]) == (2, 3)
    assert [(event.session, len(event.marks)) for event in await published(database, "session-recorded")] == [("AM", 2), ("PM", 1)]
    assert [mark["code"] for mark in await the_marks(api, 1)] == ["O", "G"]
    assert await scalar(database, "SELECT count(*) FROM quarantine WHERE released_at IS NULL") == 2


async def test_pupils_move_between_schools_and_authorities(api, database):
    await a_school(api, A)
    await a_school(api, B, la_code="935")
    await a_roll(api, a_row(1), a_row(2))

    await a_roll(api, a_row(1, left_on="2026-10-23"))
    await a_roll(api, a_row(1, admitted_on="2026-11-02"), urn=B)

    event = (await published(database, "roll-changed"))[-1]
    assert [(spell.urn, spell.la_code, str(spell.left_on)) for spell in event.rolls] == [(A, "881", "2026-10-23"), (B, "935", "None")]


async def test_two_schools_at_once_make_one_pupil_each(api, database):
    for urn in (A, B):
        await a_school(api, urn)
    rows = [a_row(number, parents=[a_parent(f"C{number}", email="pat@example.org")]) for number in range(1, 9)]

    await asyncio.gather(a_roll(api, *rows), a_roll(api, *reversed(rows), urn=B))

    assert await scalar(database, "SELECT count(*) FROM pupils") == 8
    assert await scalar(database, "SELECT count(*) FROM roll_spells WHERE shared_from IS NULL") == 0


async def test_a_large_roll_costs_as_few_statements_as_a_small_one(api, database):
    await a_school(api)
    counts = []
    for size in (1, 2, 60):  # the first looks up what is kept from then on
        first = size * 10
        rows = [a_row(first + number, parents=[a_parent(f"C{first + number}", forename=f"P{first + number}")]) for number in range(size)]
        with statements(database) as asked:
            await a_roll(api, *rows)
        counts.append(len(asked))

    assert counts[1] == counts[2]


async def test_a_roll_of_another_school_is_refused(api):
    await a_school(api)

    assert (await api.as_("mis", schools=[B]).put(PATH, content=b"{oops")).status_code == 403
    assert (await api.as_("school", schools=[A]).put(PATH, {"pupils": []})).status_code == 403
    assert (await api.as_("mis", schools=[B]).put(f"/v1/schools/{B}/roll", {"pupils": []})).status_code == 404
    assert (await api.as_("mis", schools=[A]).put(PATH, {"pupils": [1]})).status_code == 422
