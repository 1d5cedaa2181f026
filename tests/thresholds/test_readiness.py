"""The service is not ready while something that was published to it waits to be judged; its figures show who has read how much."""

import pytest
from sqlalchemy import text

from shared.database import Database
from tests.support.services import ApiClient

PLANT = text("""
    INSERT INTO topic_readers (reader, topic, partition, next_offset, end_offset, unread_since, deleted_at, seen_at)
    VALUES (:reader, 'registers', :partition, 5, CASE WHEN CAST(:unread AS text) IS NULL THEN 5 ELSE 17 END, now() - CAST(CAST(:unread AS text) AS interval),
            now() - CAST(CAST(:unread AS text) AS interval) + interval '30 days', now() - CAST(CAST(:seen AS text) AS interval))
""")


async def plant(
    database: Database, *, unread: str | None, seen: str = "10 seconds", reader: str = "thresholds", partition: int = 0
) -> None:
    """Store what was looked up of a reader."""
    async with database.begin() as tx:
        await tx.execute(PLANT, {"reader": reader, "partition": partition, "unread": unread, "seen": seen})


async def test_a_service_that_has_just_been_installed_is_ready(api: ApiClient):
    assert (await api.get("/health/ready")).status_code == 200


async def test_a_service_that_has_read_what_is_older_than_a_minute_is_ready(api: ApiClient, database: Database):
    await plant(database, unread=None)
    await plant(database, unread="30 seconds", partition=1)
    await plant(database, unread="2 hours", reader="somebody else")

    assert (await api.get("/health/ready")).status_code == 200


async def test_a_service_that_has_not_read_for_more_than_a_minute_is_not_ready(api: ApiClient, database: Database):
    await plant(database, unread=None)
    await plant(database, unread="2 minutes", partition=1)

    response = await api.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["title"] == "Not everything that was published has been read"
    assert response.json()["detail"].startswith("12 events of registers have not been read, the oldest for 120 seconds")


async def test_a_service_whose_worker_does_not_look_any_more_is_not_ready(api: ApiClient, database: Database):
    await plant(database, unread=None, seen="3 minutes")

    response = await api.get("/health/ready")

    assert response.status_code == 503
    assert "Nobody has looked for 180 seconds whether everything was read" in response.json()["detail"]


async def test_the_figures_and_the_backlog_show_every_reader(api: ApiClient, database: Database):
    await plant(database, unread="1 day")
    await plant(database, unread=None, reader="somebody else")

    figures = (await api.get("/metrics")).text
    readers = (await api.as_("operations").get("/v1/backlog")).json()["readers"]

    labels = 'reader="thresholds",service="thresholds",topic="registers"'
    assert f"reader_unread_events{{{labels}}} 12.0" in figures
    (seconds,) = [float(line.split()[1]) for line in figures.splitlines() if line.startswith(f"reader_unread_seconds{{{labels}}}")]
    (kept,) = [float(line.split()[1]) for line in figures.splitlines() if line.startswith("reader_kept_seconds{")]
    assert seconds == pytest.approx(86_400, abs=60)
    assert kept == pytest.approx(29 * 86_400, abs=60)
    assert [(each["reader"], each["topic"], each["events"]) for each in readers] == [
        ("somebody else", "registers", 0), ("thresholds", "registers", 12),
    ]  # fmt: skip
