"""A world per test, over each transport."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import Column, Identity, Integer, MetaData, Table, Text, create_engine

from shared.database import NAMING, Database, platform_tables
from shared.database.embedded import EmbeddedPostgres
from shared.ids import new_id
from shared.messaging.log import create_log_tables
from tests.shared.messaging.brokers import Broker, KafkaBroker, LogBroker
from tests.shared.messaging.world import World
from tests.support.kafka import Kafka

METADATA = MetaData(naming_convention=NAMING)
platform_tables(METADATA)
Table(
    "received",
    METADATA,
    Column("id", Integer, Identity(), primary_key=True),
    *(Column(name, Text) for name in ("topic", "pupil", "member")),
    Column("number", Integer),
)


@pytest_asyncio.fixture(scope="session")
async def log_broker() -> AsyncIterator[LogBroker]:
    """Give a log on a PostgreSQL of its own, that may be killed."""
    # Not in pytest's folder: that is closed to the user as whom PostgreSQL runs whenever another pytest starts.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = EmbeddedPostgres(Path(folder) / "data")
        server.start()
        url = server.provide("log")[1]
        await create_log_tables(url)
        await create_log_tables(url)  # harmless when they are there
        yield LogBroker(server, url)
        server.stop()


@pytest.fixture(scope="session")
def kafka_broker(kafka: Kafka) -> KafkaBroker:
    return KafkaBroker(kafka)


@pytest.fixture(params=["log", pytest.param("kafka", marks=pytest.mark.kafka)])
def broker(request: pytest.FixtureRequest) -> Broker:
    """Give each broker in turn."""
    found: Broker = request.getfixturevalue(f"{request.param}_broker")
    return found


@pytest.fixture(scope="session")
def consumer_database(postgres: EmbeddedPostgres) -> str:
    login, owner = postgres.provide("messaging_test")
    engine = create_engine(owner.replace("+asyncpg", "+psycopg"))
    METADATA.create_all(engine)
    engine.dispose()
    return login


@pytest_asyncio.fixture
async def consumer_url(consumer_database: str) -> AsyncIterator[str]:
    """Give the database of the test's consumers, and empty it afterwards, whatever the test stored by whichever world."""
    yield consumer_database
    database = Database(consumer_database, pooled=False)
    async with database.begin() as tx:
        for table in METADATA.sorted_tables:
            await tx.execute(table.delete())
    await database.dispose()


@pytest_asyncio.fixture
async def world(broker: Broker, consumer_url: str) -> AsyncIterator[World]:
    """Give a topic, a group and a transport of the test's own."""
    database, bus, name = Database(consumer_url), broker.transport(), new_id().hex
    await bus.start()
    yield World(broker, database, consumer_url, f"topic-{name}", f"group-{name}", bus)
    await bus.stop()
    await database.dispose()
