"""Marks come back from the service's own events with their versions, pupils under their ids, and what is in no event is listed by school."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from services.registers.app import SERVICE
from services.registers.recovery.use_cases import recovery
from shared.database import Database
from shared.messaging.comparison import find_missing
from shared.messaging.recovery import NOT_RECOVERED, Recovered, recover
from tests.registers.given import A, B, a_calendar, a_parent, a_pupil, a_register, a_school, published, scalar, the_marks, upn
from tests.support import ApiClient
from tests.support.databases import ServiceDatabases
from tests.support.kept_log import KeptLog

FACTS = ("urn", "date", "session", "code", "version")


@dataclass(frozen=True)
class Copy:
    """A copy of the database, and the way back to it."""

    databases: ServiceDatabases
    rows: dict[str, str]

    async def restore(self) -> KeptLog:
        """Return what was published, and bring the database back to the copy."""
        kept, log = self.databases.of(SERVICE), KeptLog()
        await log.keep(kept.database)
        kept.restore(self.rows)
        return log


async def bring_back(database: Database, log: KeptLog) -> Recovered:
    return await recover(database, log, SERVICE.name, recovery(log))


async def amended(api: ApiClient, number: int, code: str, *, day: str = "2026-09-10", urn: int = A) -> None:
    body = {"code": code, "reason": "A letter came.", "amended_by": {"name": "K. Clerk", "title": "Clerk"}}
    answer = await api.as_("mis", schools=[urn]).patch(f"/v1/schools/{urn}/registers/{day}/AM/marks/{upn(number)}", body)
    assert answer.status_code == 200, answer.text


async def facts(api: ApiClient, number: int) -> list[list[object]]:
    return [[mark[name] for name in FACTS] for mark in await the_marks(api, number)]


@pytest.fixture
async def copy(api: ApiClient, service_databases: ServiceDatabases) -> Copy:
    """Two schools with two pupils, and the register of one morning."""
    await a_school(api)
    await a_school(api, B)
    await a_calendar(api)
    for number in (1, 2):
        await a_pupil(api, number)
    await a_register(api, (1, "O"), (2, "/"))
    return Copy(service_databases, service_databases.of(SERVICE).copy())


async def test_marks_come_back_with_their_versions_and_the_same_register_changes_nothing(api, database, copy):
    await a_register(api, (1, "O"), (2, "/"), session="PM")
    await amended(api, 1, "I")
    await amended(api, 1, "O")
    await a_register(api, {"upn": upn(2), "code": "L", "minutes_late": 5})
    await a_register(api, {"upn": upn(2), "code": "L", "minutes_late": 20})
    await amended(api, 2, "U")
    before, revision = (
        [await facts(api, number) for number in (1, 2)],
        await scalar(database, f"SELECT revision FROM schools WHERE urn = {A}"),
    )
    log = await copy.restore()

    done = await bring_back(database, log)

    assert done.left == []
    assert await find_missing(database, log, SERVICE.name) == []
    assert [await facts(api, number) for number in (1, 2)] == before
    assert await scalar(database, f"SELECT revision FROM schools WHERE urn = {A}") == revision
    events = len(await published(database))
    again = await a_register(api, (1, "O"), (2, "U")), await a_register(api, (1, "O"), (2, "/"), session="PM")
    assert [(each["recorded"], each["amended"], each["unchanged"]) for each in again] == [(0, 0, 2), (0, 0, 2)]
    assert len(await published(database)) == events


async def test_a_mark_that_changes_after_it_came_back_has_the_next_version_and_revision(api, database, copy):
    await amended(api, 1, "I")
    last = (await published(database))[-1]
    log = await copy.restore()
    await bring_back(database, log)

    await amended(api, 1, "O")

    event = (await published(database))[-1]
    assert (event.marks[0].code, event.marks[0].previous_code, event.marks[0].version) == ("O", "I", 3)
    assert event.revision > last.revision


async def test_a_pupil_whom_the_copy_does_not_know_keeps_id_and_marks_when_the_school_sends_them_again(api, database, copy):
    new = await a_pupil(api, 3, parents=[a_parent()])
    await a_register(api, (1, "O"), (3, "O"), day="2026-09-11")
    rolls = (await published(database, "roll-changed"))[-1]
    log = await copy.restore()

    done = await bring_back(database, log)

    assert f"school {A}: send these pupils again, with their parents: {new['id']}" in done.to_look_at
    again = await a_pupil(api, 3, parents=[a_parent()])
    assert (again["id"], again["claim"]) == (new["id"], new["claim"])
    assert await facts(api, 3) == [[A, "2026-09-11", "AM", "O", 1]]
    assert (await published(database, "roll-changed"))[-1] == rolls  # as it was: not published again
    changed = await a_pupil(api, 3, left_on="2026-12-18")
    assert UUID(changed["id"]) == rolls.pupil_id
    assert (await published(database, "roll-changed"))[-1].revision > rolls.revision


async def test_two_pupils_with_one_number_of_whom_the_copy_knows_neither_come_back_as_two(api, database, copy):
    own, other = await a_pupil(api, 3), await a_pupil(api, 4, B, surname="Other")
    change = {"new_upn": upn(4), "reason": "The number on the file."}
    asserted = await api.as_("school", schools=[A], name="K. Clerk").post(f"/v1/pupils/{upn(3)}/upn-changes", change)
    assert asserted.status_code == 201, asserted.text
    log = await copy.restore()

    await bring_back(database, log)

    assert (await a_pupil(api, 3))["id"] == own["id"]
    assert (await a_pupil(api, 4, B, surname="Other"))["id"] == other["id"]


async def test_a_school_is_named_with_all_that_no_event_holds_of_it(api, database, copy):
    pupil = await a_pupil(api, 1, left_on="2026-12-18")
    await a_calendar(api, closures=[{"date": "2026-10-05"}])
    await a_register(api, (1, "O"), (2, "/"), day="2026-09-11")
    log = await copy.restore()

    done = await bring_back(database, log)

    listed = [
        f"school {A}: send its calendar of 2026-27 again",
        f"school {A}: send these pupils again, with their parents: {pupil['id']}",
        f"school {A}: registers of 2026-09-11 to 2026-09-11 came back without minutes late, who took them, and reasons of amendments",
    ]
    assert done.to_look_at == listed
    assert (await bring_back(database, log)).to_look_at == listed
    # The school sends the same as before: readers have it, so nothing is published but the calendar under a newer revision.
    events = len(await published(database))
    await a_pupil(api, 1, left_on="2026-12-18")
    assert len(await published(database)) == events


async def test_a_school_whom_the_copy_does_not_know_is_made_without_a_name_until_it_is_sent_again(api, database, service_databases):
    empty = Copy(service_databases, service_databases.of(SERVICE).copy())
    await a_school(api)
    new = await a_pupil(api, 1)
    await a_register(api, (1, "N"))
    log = await empty.restore()

    done = await bring_back(database, log)

    assert done.left == []
    assert f"school {A}: it was not in the copy, send it again" in done.to_look_at
    assert await scalar(database, f"SELECT name FROM schools WHERE urn = {A}") == NOT_RECOVERED
    assert await scalar(database, "SELECT count(*) FROM unresolved_marks") == 1
    await a_school(api)
    assert (await a_pupil(api, 1))["id"] == new["id"]
    assert await facts(api, 1) == [[A, "2026-09-10", "AM", "N", 1]]
    assert f"school {A}: it was not in the copy, send it again" not in (await bring_back(database, log)).to_look_at


async def test_a_recovery_that_was_interrupted_goes_on_where_it_was(api, database, copy):
    await amended(api, 1, "I")
    await amended(api, 1, "O")
    await a_register(api, (1, "O"), day="2026-09-11")
    before = await facts(api, 1)
    log = await copy.restore()
    whole = log.topics["registers"]
    log.topics["registers"] = whole[:-2]
    await bring_back(database, log)
    log.topics["registers"] = whole

    done = await bring_back(database, log)

    assert len(done.brought_back) == 2
    assert await facts(api, 1) == before
