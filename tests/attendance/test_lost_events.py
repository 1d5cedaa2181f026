"""A database and the log that went back together are named by what a reader of theirs has handled."""

from datetime import timedelta

from sqlalchemy import text

from attendance.lost_events import describe_lost_events, find_lost_events
from services.notifications.app import SERVICE as NOTIFICATIONS
from services.penalties.app import SERVICE as PENALTIES
from services.prosecutions.app import SERVICE as PROSECUTIONS
from shared.database import Database
from shared.ids import derived_id, new_id
from tests.support import service_fixtures

reader, _, _ = service_fixtures(NOTIFICATIONS)
penalties, _, _ = service_fixtures(PENALTIES)
prosecutions, _, _ = service_fixtures(PROSECUTIONS)

PUBLISHED = text("""
    INSERT INTO outbox (event_id, topic, key, type, body, headers, published_at) VALUES (:id, 'penalties', 'a', 'case-closed.v1', '', '{}', now())
""")
HANDLED = text("INSERT INTO inbox (consumer, event_id, received_at) VALUES ('notifications', :id, now() - CAST(:ago AS interval))")


async def handle(database: Database, *ids: object, ago: timedelta = timedelta()) -> None:
    async with database.begin() as tx:
        for each in ids:
            await tx.execute(HANDLED, {"id": each, "ago": ago})


async def publish(database: Database, *ids: object) -> None:
    async with database.begin() as tx:
        for each in ids:
            await tx.execute(PUBLISHED, {"id": each})


async def test_an_event_that_a_reader_handled_and_no_service_has_is_found(reader: Database, penalties: Database, prosecutions: Database):
    kept, also_kept, lost = new_id(), new_id(), new_id()
    await publish(penalties, kept)
    await publish(prosecutions, also_kept)
    await handle(reader, kept, also_kept, lost)

    found = await find_lost_events(reader, [penalties, prosecutions], full=False)

    assert list(found) == [lost]
    assert "1 events" in (describe_lost_events(found, ["penalties", "prosecutions"]) or "")


async def test_an_event_that_an_outbox_may_have_deleted_and_a_record_of_another_program_are_not_missed(
    reader: Database, penalties: Database
):
    await handle(reader, new_id(), ago=timedelta(days=6, hours=1))
    await handle(reader, derived_id(new_id(), "a record of another program"))

    found = await find_lost_events(reader, [penalties], full=True)

    assert (found, describe_lost_events(found, ["penalties"])) == ({}, None)


async def test_everything_is_looked_at_where_that_is_asked_for(reader: Database, penalties: Database, monkeypatch):
    monkeypatch.setattr("attendance.lost_events.PAGE", 2)
    ids = [new_id() for _ in range(7)]
    await publish(penalties, *ids[1:])
    for number, each in enumerate(ids):
        await handle(reader, each, ago=timedelta(hours=10 - number))

    assert await find_lost_events(reader, [penalties], full=False) == {}
    assert list(await find_lost_events(reader, [penalties], full=True)) == ids[:1]
