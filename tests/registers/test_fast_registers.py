"""A register on the fast path comes to the same as one on the full path."""

import asyncio

import pytest
from sqlalchemy import text

from services.registers.marks.fast.schemas import decode_fast
from services.registers.marks.schemas.registers import RegisterIn
from services.registers.marks.use_cases import roll_cache
from tests.registers.given import A, B, a_pupil, a_register, a_school, published, scalar, the_marks, upn

DAY = "2026-09-10"


async def three_pupils(api):
    await a_school(api)
    for number in (1, 2, 3):
        await a_pupil(api, number)
    await a_register(api, (1, "/"), (2, "/"), (3, "/"), day="2026-09-01")  # its month is there and its roll in memory


async def test_a_register_is_published_as_the_contract_has_it(api, database):
    await three_pupils(api)

    got = await a_register(api, {"upn": upn(1), "code": "U", "minutes_late": 40}, (2, "N"), (3, "\\"), session="PM", day=DAY)

    assert got == {"recorded": 3, "unchanged": 0, "amended": 0, "ignored": 0, "rejected": []}
    event = (await published(database, "session-recorded"))[-1]
    assert (event.school, event.la_code, str(event.date), event.session) == (A, "881", DAY, "PM")
    assert sorted((mark.code, mark.previous_code, mark.version, mark.dual) for mark in event.marks) == [
        ("N", None, 1, False),
        ("U", None, 1, False),
        ("\\", None, 1, False),
    ]
    assert event.revision == await scalar(database, "SELECT max(revision) FROM receipts")
    assert await scalar(database, "SELECT count(*) FROM unresolved_marks") == 1
    headers = await scalar(database, "SELECT headers FROM outbox ORDER BY position DESC LIMIT 1")
    assert {"ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "traceparent"} <= set(headers)


async def test_a_part_of_a_register_sent_before_makes_the_rest_no_amendment(api, database):
    await three_pupils(api)
    await a_register(api, (1, "O"), day=DAY)

    got = await a_register(api, (1, "I"), (2, "/"), (3, "/"), day=DAY)
    again = await a_register(api, (1, "I"), (2, "/"), (3, "/"), day=DAY)

    assert (got["recorded"], got["amended"], again["unchanged"]) == (2, 1, 3)
    changed = {mark.code: (mark.previous_code, mark.version) for mark in (await published(database, "session-recorded"))[-1].marks}
    assert changed == {"I": ("O", 2), "/": (None, 1)}


async def test_a_roll_in_memory_that_is_out_of_date_is_read_anew(api):
    await three_pupils(api)
    await a_pupil(api, 4)
    await a_pupil(api, 1, left_on="2026-09-09")

    got = await a_register(api, (1, "/"), (4, "/"), day=DAY)
    alone = await a_register(api, (4, "/"), day=DAY, session="PM")

    assert (got["recorded"], [each["upn"] for each in got["rejected"]], alone["recorded"]) == (1, [upn(1)], 1)


async def test_a_pupil_on_two_rolls_is_published_as_dual(api, database):
    await three_pupils(api)
    await a_school(api, B)
    await a_pupil(api, 1, B)

    await a_register(api, (1, "/"), (2, "/"), day=DAY)

    assert sorted(mark.dual for mark in (await published(database, "session-recorded"))[-1].marks) == [False, True]


async def test_a_pupil_under_two_upns_in_one_register_has_one_mark(api):
    await three_pupils(api)
    changed = {"new_upn": upn(500), "reason": "The file came."}
    assert (await api.as_("mis", schools=[A]).post(f"/v1/pupils/{upn(1)}/upn-changes", changed)).status_code == 201
    await a_register(api, (1, "/"), (2, "/"), (3, "/"), day="2026-09-02")

    got = await a_register(api, (1, "O"), (500, "/"), (2, "/"), day=DAY)

    assert got["recorded"] == 2
    assert [mark["code"] for mark in await the_marks(api, 500, first=DAY)] == ["/"]


async def test_a_register_and_a_roll_at_once_end_as_if_one_came_after_the_other(api, database):
    await three_pupils(api)

    await asyncio.gather(
        *(a_register(api, (1, "O"), (2, "/"), day=f"2026-09-{day}") for day in range(10, 20)), a_pupil(api, 4), a_pupil(api, 5)
    )

    assert len(await the_marks(api, 1, first=DAY)) == 10
    assert await scalar(database, "SELECT count(*) FROM mark_versions") == 0


async def test_the_roll_cache_evicts_rolls_beyond_its_bounds(api, monkeypatch):
    monkeypatch.setattr(roll_cache, "MAX_PUPILS", 3)
    await three_pupils(api)
    await a_school(api, B)
    await a_pupil(api, 7, B)

    for _ in range(2):
        assert (await a_register(api, (7, "/"), urn=B, day="2026-09-01"))["rejected"] == []
        assert (await a_register(api, (1, "/"), day="2026-09-01"))["unchanged"] == 1


async def test_the_roll_version_changes_with_every_change_of_a_roll(api, database):
    await three_pupils(api)
    versions = set()
    for statement in (
        "SELECT 1",
        "UPDATE roll_spells SET left_on = '2026-12-01'",
        f"DELETE FROM roll_spells WHERE upn = '{upn(1)}'",
        f"INSERT INTO roll_spells (urn, upn, admitted_on, pupil_id) SELECT {A}, upn, '2025-09-01', id FROM pupils WHERE upn = '{upn(1)}'",
    ):
        async with database.begin() as tx:
            await tx.execute(text(statement))
        versions.add(await scalar(database, f"SELECT roll_version FROM schools WHERE urn = {A}"))

    assert len(versions) == 4


@pytest.mark.parametrize(
    "body",
    [
        b'{"marks": []}',
        b'{"marks": [{"upn": "A", "code": "O", "minutes_late": 5, "other": [1]}], "taken_by": "J. Teacher", "opened_at": "08:45"}',
        b'{"marks": [{"upn": "A", "code": "O", "minutes_late": null}], "taken_by": {"name": "A", "title": ""}, "closed_at": ""}',
        b'{"marks": [{"code": "O", "upn": "B"}, {"upn": "\\u0041", "code": "\xc3\xa9", "code": "L"}], "other": {"marks": 1}}',
    ],
)
def test_a_register_decoded_fast_is_what_the_model_makes_of_it(body):
    quick, model = decode_fast(body), RegisterIn.model_validate_json(body)

    assert quick
    assert quick.codes == {mark["upn"]: mark["code"] for mark in model.marks}
    assert quick.minutes_late == {mark["upn"]: mark["minutes_late"] for mark in model.marks if mark.get("minutes_late") is not None}
    assert quick.head == model.model_copy(update={"marks": []})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"marks": null}',
        b'{"marks": [{"upn": "A"}]}',
        b'{"marks": [{"upn": "A", "code": 1}]}',
        b'{"marks": [{"upn": "A", "code": "O", "minutes_late": "7"}]}',
        b'{"marks": [{"upn": "A", "code": "O", "minutes_late": 5.0}]}',
        b'{"marks": [{"upn": "A", "code": "O", "minutes_late": 721}]}',
        b'{"marks": [{"upn": "A", "code": "' + 21 * b"O" + b'"}]}',
        b'{"marks": [], "opened_at": "late"}',
        b'{"marks": [], "closed_at": "\xff"}',
    ],
)
def test_a_register_that_may_be_malformed_is_left_to_the_model(body):
    with pytest.raises(ValueError, match=r"."):
        decode_fast(body)


def test_a_register_with_a_pupil_twice_is_left_to_the_full_path():
    assert decode_fast(b'{"marks": [{"upn": "A", "code": "O"}, {"upn": "A", "code": "L"}]}') is None
