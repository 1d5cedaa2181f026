"""What the contract tests need to do to a broker besides talking to it, for each transport."""

import asyncio
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import psutil
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from sqlalchemy.engine import make_url

from shared.database.embedded import EmbeddedPostgres
from shared.messaging.kafka import KafkaTransport
from shared.messaging.log import LogTransport
from shared.messaging.messages import Transport
from tests.support.kafka import Kafka


class Broker(Protocol):
    """A broker that can be made to suffer."""

    spec: str
    """What `member.py` is told, to use the same broker."""

    def transport(self) -> Transport: ...
    def kill(self) -> None: ...
    async def start_again(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    async def expire(self, topic: str) -> None:
        """Delete the events, as retention does."""

    async def lose(self, topic: str) -> None:
        """Delete the topic with its offsets, as the loss of a disk does."""


def transport(spec: str) -> Transport:
    kind, _, address = spec.partition("=")
    if kind == "log":
        return LogTransport(address, partitions=3)
    return KafkaTransport(address, partitions=3, session_seconds=2, publish_seconds=2)


@dataclass
class LogBroker:
    server: EmbeddedPostgres
    url: str

    @property
    def spec(self) -> str:
        return f"log={self.url}"

    def transport(self) -> Transport:
        return transport(self.spec)

    def kill(self) -> None:
        dying = self._processes()
        for process in dying:
            process.kill()
        while any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in dying):
            pass
        # Where nobody reaps it, the dead postmaster would pass for a running one.
        for sign in (self.server.folder / "postmaster.pid", Path(f"{self.socket}.lock")):
            sign.unlink()

    async def start_again(self) -> None:
        await asyncio.to_thread(self.server.revive)

    def pause(self) -> None:
        for process in self._processes():
            process.suspend()

    def resume(self) -> None:
        for process in self._processes():
            process.resume()

    async def expire(self, topic: str) -> None:
        await self.ask("DELETE FROM log_events WHERE topic = $1", topic)

    async def lose(self, topic: str) -> None:
        for table in ("log_events", "log_partitions"):
            await self.ask(f"DELETE FROM {table} WHERE topic = $1", topic)

    async def lose_from(self, topic: str, offset: int) -> None:
        """Delete the events from an offset on, as an old copy of the log has none of them."""
        for number in range(3):
            await self.ask('DELETE FROM log_events WHERE topic = $1 AND partition = $2 AND "offset" >= $3', topic, number, offset)
            await self.ask(
                "UPDATE log_partitions SET next_offset = least(next_offset, $3) WHERE topic = $1 AND partition = $2", topic, number, offset
            )

    @property
    def socket(self) -> str:
        return f"{self.server._socket}/.s.PGSQL.5432"

    async def ask(self, query: str, *values: Any) -> Any:
        connection = await asyncpg.connect(make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False))
        try:
            return await connection.fetch(query, *values)
        finally:
            await connection.close()

    def _processes(self) -> list[psutil.Process]:
        postmaster = psutil.Process(self.server._server.get_pid())
        return [postmaster, *postmaster.children(recursive=True)]


@dataclass
class KafkaBroker:
    kafka: Kafka

    @property
    def spec(self) -> str:
        return f"kafka={self.kafka.bootstrap}"

    def transport(self) -> Transport:
        return transport(self.spec)

    def kill(self) -> None:
        self.kafka.kill()

    async def start_again(self) -> None:
        await asyncio.to_thread(self.kafka.start)

    def pause(self) -> None:
        self.kafka.pause()

    def resume(self) -> None:
        self.kafka.resume()

    async def expire(self, topic: str) -> None:
        admin = await self._admin()
        try:
            everything = RecordsToDelete(before_offset=-1)
            await admin.delete_records({TopicPartition(topic, number): everything for number in range(3)})
        finally:
            await admin.close()

    async def lose(self, topic: str) -> None:
        admin = await self._admin()
        try:
            await admin.delete_topics([topic])
            while topic in await admin.list_topics():
                pass
        finally:
            await admin.close()

    async def _admin(self) -> AIOKafkaAdminClient:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka.bootstrap)
        await admin.start()
        return admin


def kill(process: "subprocess.Popen[bytes]") -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
