"""What the product is compared with: the naive pipeline and the stream processor, run as processes."""

import asyncio
import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import httpx2
import orjson
import psycopg
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from sqlalchemy import create_engine

from tests.benchmarks import load, naive
from tests.benchmarks.product import _one, _until
from tests.benchmarks.stack import Stack
from tests.benchmarks.world import REGISTER, World

PEER = Path(__file__).with_name("peer.py")


async def run_naive(stack: Stack, world: World, kafka: str, registers: int) -> float:
    """Return marks per second of the naive pipeline, from HTTP to judged."""
    url = stack.postgres.provide("naive")[1]
    engine = create_engine(url.replace("+asyncpg", "+psycopg"))
    naive.Base.metadata.create_all(engine)
    engine.dispose()
    await _make_topic(kafka, naive.TOPIC)
    port = stack.base + 1
    environment = {**os.environ, "NAIVE_DATABASE": url, "NAIVE_KAFKA": kafka}
    with psycopg.connect(url.replace("+asyncpg", ""), autocommit=True) as database:
        with database.cursor() as cursor, cursor.copy("COPY pupils (id, upn, urn) FROM STDIN") as copy:
            for number, (pupil, upn) in enumerate(zip(world.ids, world.upns, strict=True)):
                copy.write_row((pupil, upn, world.urns[number // REGISTER]))
        for name, arguments in (("naive api", ["api", str(port)]), ("naive relay", ["relay"]), ("naive consumer", ["consumer"])):
            stack.processes.start(name, ["-m", "tests.benchmarks.naive", *arguments], environment)
        try:
            await _until(lambda: _answers(port))
            chosen = world.registers[:registers]
            requests = [
                load.request(port, f"/v1/schools/{each.urn}/registers/{each.day}/{each.half}", "none", world.body(each)) for each in chosen
            ]
            answers = await load.send(port, requests, connections=4)
            assert not answers.refused, answers.refused[0]
            await _until(lambda: _one(database, "SELECT count(*) FROM inbox") == registers * REGISTER)
            return registers * REGISTER / (time.perf_counter() - answers.began)
        finally:
            stack.processes.stop()


async def run_peer(stack: Stack, world: World, kafka: str, python: Path) -> float:
    """Return marks per second of quixstreams over the same marks, which wait in Kafka."""
    topic = "peer-marks"
    await _make_topic(kafka, topic)
    await _make_topic(kafka, "peer-met")
    await _produce(kafka, topic, world)
    marks = len(world.registers) * REGISTER
    command: Sequence[str] = [str(python), str(PEER), kafka, topic, str(marks), str(stack.folder / "peer")]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout.strip():
        raise RuntimeError(f"quixstreams failed: {done.stderr[-2000:]}")
    return marks / float(done.stdout.split()[0])


async def _produce(kafka: str, topic: str, world: World) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        partitions = sorted(await producer.partitions_for(topic))
        batches = {partition: producer.create_batch() for partition in partitions}
        for register in world.registers:
            day = register.day.isoformat()
            for pupil, code in world.rows(register):
                partition = partitions[pupil.int % len(partitions)]
                value = orjson.dumps({"pupil": str(pupil), "date": day, "session": register.half, "code": code})
                record = {"key": str(pupil).encode(), "value": value, "timestamp": None}
                if batches[partition].append(**record) is None:
                    await producer.send_batch(batches[partition], topic, partition=partition)
                    batches[partition] = producer.create_batch()
                    batches[partition].append(**record)
        await asyncio.gather(*[await producer.send_batch(batch, topic, partition=number) for number, batch in batches.items()])
        await producer.flush()
    finally:
        await producer.stop()


async def _make_topic(kafka: str, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, 6, 1)])
    finally:
        await admin.close()


def _answers(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/openapi.json").status_code == 200
    except httpx2.TransportError:
        return False
