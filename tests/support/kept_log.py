"""A log in memory that holds what a service has published, for tests of what can be brought back from it."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import text

from shared.database import Database
from shared.messaging.messages import LoadOffsets, Message, Oldest, Received, Standing, Subscription, TopicPartition, Transport


class KeptLog(Transport):
    """Topics of one partition each."""

    def __init__(self) -> None:
        self.topics: dict[str, list[Message]] = {}

    async def keep(self, database: Database) -> None:
        """Publish everything that stands in a service's outbox."""
        async with database.begin() as tx:
            rows = (await tx.execute(text("SELECT event_id, topic, key, type, body, headers FROM outbox ORDER BY position"))).all()
        await self.publish([Message(*row) for row in rows])

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def publish(self, messages: Sequence[Message]) -> list[Standing]:
        standings = []
        for message in messages:
            kept = self.topics.setdefault(message.topic, [])
            kept.append(message)
            standings.append((TopicPartition(message.topic, 0), len(kept) - 1))
        return standings

    def subscribe(self, group: str, topics: Sequence[str], load_offsets: LoadOffsets, *, unread: Collection[str] = ()) -> Subscription:
        raise NotImplementedError

    async def ends(self, topics: Collection[str]) -> Mapping[TopicPartition, int]:
        return {TopicPartition(topic, 0): len(kept) for topic, kept in self.topics.items() if topic in topics}

    async def oldest(self, standings: Collection[Standing]) -> Mapping[Standing, Oldest]:
        raise NotImplementedError

    async def remove_reader(self, reader: str) -> None:
        raise NotImplementedError

    async def readers(self, topics: Collection[str]) -> Mapping[str, Mapping[TopicPartition, int]]:
        raise NotImplementedError

    async def read(self, partition: TopicPartition, from_offset: int, limit: int) -> Sequence[Received]:
        kept = self.topics.get(partition.topic, [])[from_offset : from_offset + limit]
        return [Received(message, offset, offset) for offset, message in enumerate(kept, from_offset)]
