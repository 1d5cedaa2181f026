"""Leave was granted, and the register has another mark: it is flagged, published as such, and counts for nothing until a person decides."""

import pytest

from services.registers.marks.domain.register_times import Flag
from tests.registers.files import a_csv, imported, refused
from tests.registers.given import A, a_parent, a_pupil, a_register, a_school, published, the_marks, upn

WEEK = [f"2026-11-{day:02d}" for day in range(9, 14)]


async def a_family(api, pupils=1):
    await a_school(api)
    for number in range(1, pupils + 1):
        await a_pupil(api, number, parents=[a_parent(lives_with_pupil=True)])


async def leave(api, first="2026-11-09", last="2026-11-10", code="C"):
    body = {"upn": upn(1), "urn": A, "parent_ref": "C1", "asked_on": "2026-11-01", "from": first, "to": last, "reason": "Exam abroad"}
    asked = await api.as_("school", schools=[A], name="Jo Clerk").post("/v1/leave-requests", body)
    assert asked.status_code == 201, asked.text
    decided = await api.as_("school", schools=[A], name="Jo Head").post(
        f"/v1/leave-requests/{asked.json()['id']}/decision", {"outcome": "granted", "code": code, "reason": "Exceptional"}
    )
    assert decided.status_code == 201, decided.text
    return asked.json()["id"]


async def confirm(api, day="2026-11-09", session="AM", role="school"):
    path = f"/v1/schools/{A}/registers/{day}/{session}/marks/{upn(1)}/confirmation"
    return await api.as_(role, schools=[A] if role == "school" else (), name="Jo Head").post(
        path, {"reason": "The family was seen on holiday.", "confirmed_by": {"name": "Jo Head", "title": "Head"}}
    )


async def covered(database):
    """Return, by session, whether the last event of the pupil's mark has it on a day of leave."""
    events = await published(database, "session-recorded")
    return {
        f"{event.date:%d}{event.session}": mark.covered_by_leave
        for event in sorted(events, key=lambda event: event.revision)
        for mark in event.marks
        if mark.code != "/"
    }


@pytest.mark.parametrize("first", ["leave", "register"])
async def test_marks_on_days_of_leave_are_published_as_such_whichever_came_first(api, database, first):
    await a_family(api)
    if first == "leave":
        await leave(api)
    for day in WEEK:
        await a_register(api, (1, "G"), day=day)
        await a_register(api, (1, "G"), day=day, session="PM")
    if first == "register":
        await leave(api)

    assert [at for at, is_covered in (await covered(database)).items() if is_covered] == ["09AM", "09PM", "10AM", "10PM"]
    assert [mark["date"] for mark in await the_marks(api) if Flag.ON_LEAVE in mark["flags"]] == ["2026-11-09"] * 2 + ["2026-11-10"] * 2
    flagged = (await api.as_("school", schools=[A]).get(f"/v1/schools/{A}/flagged?from=2026-11-01&to=2026-11-30")).json()["items"]
    assert [(each["date"], each["session"], [[flag["flag"] for flag in mark["flags"]] for mark in each["marks"]]) for each in flagged] == [
        (day, half, [["leave-granted"]]) for day in WEEK[:2] for half in ("AM", "PM")
    ]


async def test_a_register_that_fits_the_leave_takes_the_fast_path_and_is_not_flagged(api, database):
    await a_family(api, 2)
    await leave(api, code="C2")

    await a_register(api, (1, "C"), (2, "/"), day="2026-11-09")

    assert await covered(database) == {"09AM": False}
    assert [mark["flags"] for mark in await the_marks(api)] == [[]]


async def test_a_roll_in_memory_takes_leave_granted_since_into_account(api, database):
    await a_family(api, 2)
    await a_register(api, (1, "/"), (2, "/"), day="2026-11-06")
    await leave(api)

    await a_register(api, (1, "O"), (2, "/"), day="2026-11-09")

    assert await covered(database) == {"09AM": True}


async def test_a_mark_that_a_person_confirmed_counts_until_leave_is_granted_anew(api, database):
    await a_family(api)
    await leave(api)
    await a_register(api, (1, "G"), day="2026-11-09")

    answer = await confirm(api)
    again = await confirm(api)

    assert (answer.status_code, answer.json()["flags"]) == (201, [])
    assert again.status_code == 409
    assert await covered(database) == {"09AM": False}
    await leave(api, "2026-11-09", "2026-11-09")
    assert await covered(database) == {"09AM": True}


async def test_a_machine_confirms_no_mark_and_nobody_one_of_another_school(api):
    await a_family(api)

    assert (await confirm(api, role="mis")).status_code == 403
    assert (await confirm(api)).status_code == 404


async def test_a_mark_that_is_amended_to_leave_is_flagged_no_longer(api, database):
    await a_family(api)
    await leave(api)
    await a_register(api, (1, "G"), day="2026-11-09")
    body = {"code": "C", "reason": "Leave was granted.", "amended_by": {"name": "Jo Head", "title": "Head"}}

    await api.as_("school", schools=[A]).patch(f"/v1/schools/{A}/registers/2026-11-09/AM/marks/{upn(1)}", body)

    assert await covered(database) == {"09AM": False}
    assert [mark["flags"] for mark in await the_marks(api)] == [[]]


async def test_leave_that_is_withdrawn_covers_nothing(api, database):
    await a_family(api)
    leave_id = await leave(api)
    await a_register(api, (1, "G"), day="2026-11-09")

    withdrawn = await api.as_("school", schools=[A], name="Jo Clerk").post(
        f"/v1/leave-requests/{leave_id}/withdrawal", {"withdrawn_on": "2026-11-05", "reason": "They stay"}
    )

    assert withdrawn.status_code == 201, withdrawn.text
    assert await covered(database) == {"09AM": False}


async def test_an_imported_mark_on_a_day_of_leave_is_published_and_named(api, database):
    await a_family(api)
    await leave(api)

    done = await imported(api, database, a_csv(f"{upn(1)},2026-11-09,AM,G", f"{upn(1)},2026-11-11,AM,G"), query=f"?urn={A}")

    assert await covered(database) == {"09AM": True, "11AM": False}
    assert [(line["line"], line["reason"]) for line in await refused(api, done["id"])] == [(2, Flag.ON_LEAVE.sentence)]
