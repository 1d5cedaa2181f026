"""Registers that arrive at the same moment are stored in one transaction, and none of them is the worse for it."""

import asyncio
from types import SimpleNamespace
from typing import Any

from sqlalchemy import text

from services.registers.marks.fast import repository
from services.registers.marks.fast.use_cases import register_batches
from services.registers.marks.fast.use_cases.register_batches import Outcome
from tests.registers.given import a_pupil, a_register, a_school, published, scalar, the_marks, upn

DAY = "2026-09-10"
URNS = (100101, 100102, 100103, 100104)


async def schools(api):
    """Four schools of one pupil each, whose rolls are in memory and whose month is there."""
    for number, urn in enumerate(URNS, start=1):
        await a_school(api, urn)
        await a_pupil(api, number, urn)
        await a_register(api, (number, "/"), urn=urn, day="2026-09-01")


async def all_at_once(api, code="O", *, halves=("AM",)):
    return await asyncio.gather(
        *(a_register(api, (number, code), urn=urn, day=DAY, session=half) for half in halves for number, urn in enumerate(URNS, start=1))
    )


async def transactions(database):
    return await scalar(database, f"SELECT count(DISTINCT received_at) FROM receipts WHERE date = '{DAY}'")


async def test_registers_of_several_schools_share_a_transaction(api, database):
    await schools(api)

    answers = await all_at_once(api)

    assert [answer["recorded"] for answer in answers] == [1, 1, 1, 1]
    assert await transactions(database) < 4
    events = {event.school: event for event in await published(database, "session-recorded") if str(event.date) == DAY}
    assert sorted(events) == [*URNS]
    for urn, event in events.items():
        assert event.revision == await scalar(database, f"SELECT revision FROM receipts WHERE urn = {urn} AND date = '{DAY}'")
    for number in range(1, 5):
        assert [mark["code"] for mark in await the_marks(api, number, first=DAY)] == ["O"]


async def test_a_schools_two_registers_come_one_after_the_other(api, database):
    await schools(api)

    answers = await all_at_once(api, halves=("AM", "PM"))

    assert [answer["recorded"] for answer in answers] == [1] * 8
    assert await scalar(database, f"SELECT count(DISTINCT revision) FROM receipts WHERE urn = {URNS[0]} AND date = '{DAY}'") == 2


async def test_the_same_register_twice_at_once_is_recorded_once(api, database):
    await schools(api)

    answers = await asyncio.gather(*(a_register(api, (1, "O"), urn=URNS[0], day=DAY) for _ in range(3)))

    assert sorted((answer["recorded"], answer["unchanged"]) for answer in answers) == [(0, 1), (0, 1), (1, 0)]
    assert len([event for event in await published(database, "session-recorded") if str(event.date) == DAY]) == 1


async def test_a_school_that_is_locked_keeps_no_other_waiting(api, database):
    await schools(api)

    async with database.begin() as tx:
        await tx.execute(text(f"SELECT FROM schools WHERE urn = {URNS[0]} FOR UPDATE"))
        waiting = asyncio.create_task(a_register(api, (1, "O"), urn=URNS[0], day=DAY))
        others = await asyncio.gather(
            *(a_register(api, (number, "O"), urn=urn, day=DAY) for number, urn in list(enumerate(URNS, start=1))[1:])
        )
        assert not waiting.done()

    assert [answer["recorded"] for answer in others] == [1, 1, 1]
    assert (await waiting)["recorded"] == 1


async def test_registers_of_a_batch_that_fails_are_stored_one_by_one(api, database, monkeypatch):
    await schools(api)
    monkeypatch.setattr(repository, "_STORE", "SELECT 1 / 0")

    answers = await all_at_once(api)

    assert [answer["recorded"] for answer in answers] == [1, 1, 1, 1]
    assert await transactions(database) == 4


async def test_a_batch_has_a_largest_size(api, database, monkeypatch):
    await schools(api)
    monkeypatch.setattr(register_batches, "BATCH_SIZE", 1)

    await all_at_once(api)

    assert await transactions(database) == 4


async def test_registers_beyond_the_longest_queue_take_the_full_path(api, database, monkeypatch):
    await schools(api)
    monkeypatch.setattr(register_batches, "MAX_QUEUED", 0)

    answers = await all_at_once(api)

    assert [answer["recorded"] for answer in answers] == [1, 1, 1, 1]
    assert await transactions(database) == 4


async def test_a_caller_who_is_gone_takes_no_other_register_along(api):
    await schools(api)
    gone = asyncio.create_task(a_register(api, (1, "O"), urn=URNS[0], day=DAY))
    others = asyncio.gather(*(a_register(api, (number, "O"), urn=urn, day=DAY) for number, urn in list(enumerate(URNS, start=1))[1:]))

    gone.cancel()

    assert [answer["recorded"] for answer in await others] == [1, 1, 1]


async def test_a_register_that_arrives_just_as_the_queue_became_empty_is_stored_too(monkeypatch):
    done = asyncio.Event()
    batcher: Any = register_batches.RegisterBatcher()

    async def one_by_one(_database, registers):
        await done.wait()
        return {register.urn: Outcome.STORED for register, _ in registers}

    def submit(urn):
        return batcher.submit(None, SimpleNamespace(urn=urn), None)

    async def late():
        await done.wait()
        return await submit(URNS[2])

    monkeypatch.setattr(register_batches, "_store_batch", one_by_one)
    first = asyncio.create_task(submit(URNS[0]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    second = asyncio.create_task(submit(URNS[1]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    third = asyncio.create_task(late())
    await asyncio.sleep(0)
    done.set()

    outcomes = await asyncio.wait_for(asyncio.gather(first, second, third), 5)
    assert all(outcome is Outcome.STORED for outcome in outcomes)


async def test_registers_that_queue_behind_a_batch_without_an_answer_are_refused_at_once(api, monkeypatch):
    await schools(api)
    batches = []

    async def unanswered(_database, registers):
        batches.append(registers)
        await asyncio.sleep(0)
        raise TimeoutError

    monkeypatch.setattr(register_batches, "_store_batch", unanswered)
    monkeypatch.setattr(register_batches, "BATCH_SIZE", 1)
    monkeypatch.setattr(register_batches, "CONCURRENT_TRANSACTIONS", 1)
    bodies = [(urn, {"marks": [{"upn": upn(number), "code": "O"}]}) for number, urn in enumerate(URNS, start=1)]

    answers = await asyncio.gather(
        *(api.as_("mis", schools=[urn]).put(f"/v1/schools/{urn}/registers/{DAY}/AM", body) for urn, body in bodies)
    )

    assert [answer.status_code for answer in answers] == [503] * 4
    assert len(batches) < 4
