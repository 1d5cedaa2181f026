"""The topics on the broker."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

KEPT_DAYS = 30
"""How long Kafka keeps an event; consumers' inboxes remember for longer."""
MESSAGE_BYTES = 4 * 2**20
"""Of one message at most."""


@dataclass
class Topics:
    """Creates topics where they are missing.

    The number of partitions of a topic must never change, or a key's later events may overtake its earlier ones.
    `replication` is by default the number of brokers, up to three.
    """

    bootstrap: str
    partitions: int
    replication: int | None
    provided: set[str] = field(default_factory=set)

    async def provide(self, names: Iterable[str]) -> None:
        """Create those of these topics that the broker does not have."""
        wanted = set(names)
        if wanted <= self.provided:
            return
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap, request_timeout_ms=5_000)
        try:
            await admin.start()
            missing = wanted - set(await admin.list_topics())
            if missing:
                brokers = len((await admin.describe_cluster())["brokers"])
                answer = await admin.create_topics([self._new(name, brokers) for name in sorted(missing)])
                for name, code, *_ in answer.topic_errors:
                    error = for_code(code)
                    if code and error is not TopicAlreadyExistsError:
                        raise error(name)
        finally:
            await admin.close()
        self.provided |= wanted

    def _new(self, name: str, brokers: int) -> NewTopic:
        replication = self.replication or min(brokers, 3)
        settings = {
            "min.insync.replicas": str(max(1, replication - 1)),
            "retention.ms": str(KEPT_DAYS * 86_400_000),
            "cleanup.policy": "delete",
            "max.message.bytes": str(MESSAGE_BYTES),
        }
        return NewTopic(name, self.partitions, replication, topic_configs=settings)
