"""U, L and the register's closing time: what contradicts itself is flagged, never changed (domain.md 1.3, T11)."""

from datetime import UTC, date, datetime

import pytest

from services.registers.law import STATUTES
from services.registers.marks.domain.register_times import Flag, Opening, mark_flags, register_flags
from tests.registers.given import A, B, a_calendar, a_pupil, a_register, a_school, scalar, the_marks, upn

DAY = date(2026, 9, 10)
TIMES = {"opened_at": "08:45", "closed_at": "09:15"}


def opening(minutes, seconds=0):
    return Opening(datetime(2026, 9, 10, 8, 0, tzinfo=UTC), datetime(2026, 9, 10, 8 + minutes // 60, minutes % 60, seconds, tzinfo=UTC))


@pytest.mark.parametrize(
    ("code", "minutes", "want"),
    [
        ("L", 25, ()),
        ("L", 30, ()),
        ("L", 31, (Flag.LATE_AFTER_CLOSING,)),
        ("U", 35, ()),
        ("U", 30, ()),
        ("U", 29, (Flag.UNAUTHORISED_BEFORE_CLOSING,)),
        ("U", None, ()),
        ("I", 5, ()),
        ("/", 40, ()),
    ],
)
def test_a_mark_is_flagged_by_the_time_of_closing(code, minutes, want):
    assert mark_flags(code, minutes, opening(30)) == want


@pytest.mark.parametrize(
    ("pack", "minutes", "want"),
    [
        ("essex", 30, ()),
        ("essex", 29, (Flag.OPEN_TOO_SHORT,)),
        ("essex", 31, (Flag.OPEN_TOO_LONG,)),
        ("england", 30, ()),
        ("england", 20, ()),
        ("england", 0, ()),
        ("england", 31, (Flag.OPEN_TOO_LONG,)),
    ],
)
def test_the_authority_s_law_sets_how_long_a_register_is_open(pack, minutes, want):
    assert register_flags(opening(minutes), DAY, STATUTES.packs[pack]) == want


def test_seconds_make_no_minute_of_a_register_s_opening():
    assert register_flags(opening(30, 20), DAY, STATUTES.packs["essex"]) == ()


def test_a_register_closed_before_it_opened_is_flagged_under_every_law():
    before = Opening(opening(30).closed_at.replace(year=2010), opening(30).opened_at.replace(year=2010))

    assert register_flags(before, date(2010, 9, 10), STATUTES.packs["england"]) == (Flag.CLOSED_BEFORE_OPENED,)


def test_a_register_from_before_the_guidance_is_open_as_long_as_it_was():
    day = date(2024, 7, 1)
    long = Opening(datetime(2024, 7, 1, 8, 0, tzinfo=UTC), datetime(2024, 7, 1, 9, 30, tzinfo=UTC))

    assert register_flags(long, day, STATUTES.packs["essex"]) == ()


def late(number, code, minutes):
    return {"upn": upn(number), "code": code, "minutes_late": minutes}


async def flagged(api, query="?from=2026-09-01&to=2026-09-30", urn=A):
    answer = await api.as_("school", schools=[urn]).get(f"/v1/schools/{urn}/flagged{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def three_late(api):
    await a_school(api)
    for number in (1, 2, 3):
        await a_pupil(api, number)


async def test_a_mark_that_contradicts_the_times_is_flagged_and_stands(api):
    await three_late(api)
    got = await a_register(api, late(1, "L", 35), late(2, "U", 10), late(3, "U", 40), **TIMES)

    assert got == {"recorded": 3, "unchanged": 0, "amended": 0, "ignored": 0, "rejected": []}
    marks = [(await the_marks(api, number))[0] for number in (1, 2, 3)]
    assert [(mark["code"], mark["flagged"], mark["flags"]) for mark in marks] == [
        ("L", True, ["late-after-closing"]),
        ("U", True, ["unauthorised-before-closing"]),
        ("U", False, []),
    ]
    (register,) = await flagged(api)
    assert (register["date"], register["session"], register["minutes_open"], register["flags"]) == ("2026-09-10", "AM", 30, [])
    assert {(mark["upn"], mark["code"], mark["minutes_late"], mark["flags"][0]["flag"]) for mark in register["marks"]} == {
        (upn(1), "L", 35, "late-after-closing"),
        (upn(2), "U", 10, "unauthorised-before-closing"),
    }


async def test_an_amended_mark_is_flagged_no_longer(api):
    await three_late(api)
    await a_register(api, late(1, "L", 35), **TIMES)

    await a_register(api, late(1, "U", 35))

    (mark,) = await the_marks(api)
    assert (mark["code"], mark["flags"]) == ("U", [])
    assert await flagged(api) == []


async def test_times_that_are_sent_later_are_weighed_too(api):
    await three_late(api)
    await a_register(api, late(1, "L", 35))
    before = (await the_marks(api))[0]["flagged"]

    await a_register(api, (2, "/"), **TIMES)

    assert before is False
    assert (await the_marks(api))[0]["flags"] == ["late-after-closing"]


@pytest.mark.parametrize(("la_code", "flags"), [("881", ["open-too-short"]), ("935", [])])
async def test_a_register_in_essex_is_flagged_unless_it_was_open_for_30_minutes(api, monkeypatch, la_code, flags):
    monkeypatch.setattr("services.registers.law.settings", lambda: type("S", (), {"policy": "england"}))
    await a_school(api, la_code=la_code)
    await a_pupil(api, 1)
    await a_pupil(api, 2)

    await a_register(api, late(1, "U", 40), (2, "/"), opened_at="08:45", closed_at="09:05")

    assert [each["flag"] for register in await flagged(api) for each in register["flags"]] == flags
    assert [(await the_marks(api, number))[0]["flags"] for number in (1, 2)] == [flags, []]


@pytest.mark.parametrize(
    ("times", "flags"),
    [
        ({"opened_at": "2026-09-09T08:45:00+01:00", "closed_at": "2026-09-09T09:15:00+01:00"}, ["other-day"]),
        ({"opened_at": "2026-09-10T08:45:00+01:00", "closed_at": "2026-09-11T09:15:00+01:00"}, ["other-day", "open-too-long"]),
        ({"opened_at": "2026-09-11T08:45:00+01:00", "closed_at": "2026-09-10T09:15:00+01:00"}, ["other-day", "closed-before-opened"]),
        ({"opened_at": "2026-09-10T23:00:00Z", "closed_at": "2026-09-10T23:30:00Z"}, ["other-day"]),
        ({"opened_at": "2026-09-09T23:00:00Z", "closed_at": "2026-09-09T23:30:00Z"}, []),
        ({"closed_at": "2026-09-11T09:15:00+01:00"}, ["other-day"]),
        ({"opened_at": "2026-09-09T08:45:00+01:00"}, ["other-day"]),
        ({"opened_at": "2026-09-10T08:45:00+01:00"}, []),
    ],
)
async def test_a_register_opened_or_closed_on_another_day_in_london_is_flagged_and_stored_as_sent(api, database, times, flags):
    await three_late(api)

    await a_register(api, (1, "O"), **times)

    assert [each["flag"] for register in await flagged(api) for each in register["flags"]] == flags
    assert await scalar(database, f"SELECT {' AND '.join(f'{name} = {value!r}' for name, value in times.items())} FROM receipts")


async def test_a_mark_of_a_register_of_another_day_is_flagged(api):
    await three_late(api)

    await a_register(api, late(1, "L", 5), opened_at="2026-09-09T08:45:00+01:00", closed_at="2026-09-09T09:15:00+01:00")

    assert (await the_marks(api))[0]["flags"] == ["other-day"]


async def test_a_register_of_a_session_not_held_is_on_the_list(api):
    await three_late(api)
    await a_calendar(api, closures=[{"date": "2026-09-10", "sessions": ["AM"]}])
    await a_register(api, (1, "O"))
    await a_register(api, (1, "O"), session="PM")

    (register,) = await flagged(api)

    assert (register["session"], register["flags"][0]["flag"]) == ("AM", "not-held")
    assert (await the_marks(api))[0]["flags"] == ["not-held"]


async def test_a_mark_outside_the_roll_is_flagged(api):
    await three_late(api)
    await a_register(api, (1, "O"))

    await a_pupil(api, 1, left_on="2026-09-09")

    assert (await the_marks(api))[0]["flags"] == ["off-roll"]


async def test_the_list_is_the_school_s_own_and_of_a_month_at_most(api):
    await a_school(api)

    assert (await api.as_("school", schools=[B]).get(f"/v1/schools/{A}/flagged")).status_code == 403
    assert (await api.as_("aco").get(f"/v1/schools/{A}/flagged?from=2026-09-01&to=2026-10-02")).status_code == 422
    assert (await api.as_("aco").get(f"/v1/schools/{B}/flagged")).status_code == 404
    assert await flagged(api, "") == []
