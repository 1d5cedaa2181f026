"""What registers holds, published again: its readers come to what they would have held, and those who have it change nothing."""

import pytest

from services.notifications.app import SERVICE as NOTIFICATIONS
from services.penalties.app import SERVICE as PENALTIES
from services.prosecutions.app import SERVICE as PROSECUTIONS
from services.thresholds.app import SERVICE as THRESHOLDS
from tests.registers.given import A, B, a_calendar, a_parent, a_pupil, a_register, a_school, upn
from tests.state.carrying import Outbox, carry, content, publish_state, stamped

STAMPS = ("revision", "calendar_revision", "roll_revision", "parents_revision")
"""As of which revision of the school or pupil a reader knows something: the state is known as of now."""
TWENTY = range(1, 21)


@pytest.fixture(autouse=True)
def _on_a_day(monkeypatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-11-20")


async def registers_of(api, pupils, days):
    for day in days:
        for session in ("AM", "PM"):
            await a_register(api, *((number, "O") for number in pupils), day=f"2026-09-{day:02d}", session=session)


async def a_school_with(api, pupils):
    await a_school(api)
    await a_calendar(api)
    for number in pupils:
        await a_pupil(api, number, parents=[a_parent(f"C{number}", surname=f"Parent{number}")])


async def counts(api):
    answers = [(await api.as_("manager").get(f"/v1/pupils/{upn(number)}/threshold")).json() for number in TWENTY]
    return {each["count"] for each in answers}


async def test_two_registers_that_never_reached_thresholds_count_once_the_state_is_published_again(
    registers, registers_api, thresholds, thresholds_api
):
    outbox = Outbox(registers)
    await a_school_with(registers_api, TWENTY)
    await registers_of(registers_api, TWENTY, [7, 8, 9, 10])
    await carry(await outbox.take(), thresholds, THRESHOLDS)
    await registers_of(registers_api, TWENTY, [11])
    lost = await outbox.take()
    await registers_of(registers_api, TWENTY, [11])

    again = await outbox.take()
    before = await counts(thresholds_api)
    await publish_state(registers_api, **{"from": "2026-09-11", "to": "2026-09-11", "school": A})
    await carry(await outbox.take(), thresholds, THRESHOLDS)

    assert (len(lost), again, before) == (2, [], {8})
    assert await counts(thresholds_api) == {10}


READERS = (THRESHOLDS, PENALTIES, PROSECUTIONS, NOTIFICATIONS)


async def everything(api):
    """Two schools, a pupil on the rolls of both, amendments, minutes, leave against marks, a parent who came later, an N."""
    await a_school_with(api, range(1, 5))
    await a_school(api, B)
    await a_calendar(api, B)
    await registers_of(api, range(1, 5), [7, 8])
    await a_register(api, (1, "U"), (2, "C"), (3, "N"), day="2026-09-08", session="PM")
    await a_register(api, {"upn": upn(1), "code": "U", "minutes_late": 40}, day="2026-09-08", session="PM")
    await a_pupil(api, 4, B, parents=[a_parent("X4", surname="Other")], admitted_on="2026-09-08")
    await a_register(api, (4, "/"), urn=B, day="2026-09-08")
    answer = await api.as_("manager").put(f"/v1/schools/{B}/predecessor", {"urn": A, "on": "2026-09-01"})
    assert answer.status_code < 300, answer.text
    clerk = api.as_("school", name="K. Clerk", schools=[A])
    days = {"asked_on": "2026-08-20", "from": "2026-09-07", "to": "2026-09-08", "reason": "A wedding abroad."}
    asked = await clerk.post("/v1/leave-requests", {"upn": upn(1), "urn": A, "parent_ref": "C1", **days})
    decision = {"outcome": "granted", "code": "C", "reason": "It is exceptional."}
    answer = await clerk.post(f"/v1/leave-requests/{asked.json()['id']}/decision", decision)
    assert answer.status_code < 300, answer.text
    await a_pupil(api, 1, parents=[a_parent("C1", surname="Parent1"), a_parent("C9", surname="Later")])


async def test_readers_who_have_the_state_of_registers_change_nothing_by_it(registers, registers_api, databases):
    outbox = Outbox(registers)
    await everything(registers_api)
    events = await outbox.take()
    await publish_state(registers_api)
    state = await outbox.take()
    await publish_state(registers_api)

    assert await outbox.take() == state
    for service in READERS:
        reader = databases[service.name]
        await carry(events, reader, service)
        before, published = await content(reader, service), await Outbox(reader).take()
        await carry(state, reader, service)
        after = await content(reader, service)
        await carry(state, reader, service)

        assert stamped(after, *STAMPS) == stamped(before, *STAMPS)
        assert await content(reader, service) == after
        assert await Outbox(reader).take() == published


async def test_readers_without_anything_come_by_the_state_of_registers_to_what_they_would_have(registers, registers_api, databases):
    outbox = Outbox(registers)
    await everything(registers_api)
    events = await outbox.take()
    await publish_state(registers_api)
    state = await outbox.take()

    for service in READERS:
        reader = databases[service.name]
        await carry(state, reader, service)
        from_state = await content(reader, service)
        await carry(events, reader, service)

        assert await content(reader, service) == from_state
