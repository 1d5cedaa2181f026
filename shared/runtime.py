"""How a service runs: as api, as worker, or to migrate its database."""

import asyncio
import gc
import resource
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial

import uvicorn
from starlette.types import ASGIApp

from shared.database import JOB, REQUEST, Database
from shared.database.bells import READERS
from shared.database.migrations import upgrade
from shared.due_work import recorded
from shared.http.app import create_app
from shared.http.client import close_clients
from shared.http.connections import Connection
from shared.jobs import repeat, ring_with_the_date
from shared.messaging.comparison import Comparison
from shared.messaging.consumers import ConsumerLoop
from shared.messaging.messages import Transport
from shared.messaging.outbox import relay
from shared.messaging.readers import LOOK_SECONDS, look_at_readers
from shared.observability import configure_logs
from shared.pauses import Pauses
from shared.service import INVARIANTS, Service
from shared.settings import settings

OPEN_FILES = 8192
"""Enough for every server of the embedded default with as many connections as it lets in."""


def transport() -> Transport:
    """Return the transport that the environment names: Kafka, or the durable log."""
    if settings().kafka:
        from shared.messaging.kafka import KafkaTransport

        return KafkaTransport(settings().kafka or "")
    if not settings().log_database_url:
        raise SystemExit("set ATTENDANCE_KAFKA (bootstrap servers) or ATTENDANCE_LOG_DATABASE_URL (the embedded log)")
    from shared.messaging.log import LogTransport

    return LogTransport(settings().log_database_url or "")


class Server(uvicorn.Server):
    """A web server that leaves signals to whoever started it, and knows when it accepts requests; `connection` refuses what is no request."""

    def __init__(self, app: ASGIApp, port: int, host: str = "127.0.0.1", connection: type[Connection] = Connection) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                loop="none",
                log_config=None,
                access_log=False,
                server_header=False,
                http=connection,
                ws="none",
                timeout_graceful_shutdown=10,
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


async def serve(server: Server, stopping: asyncio.Event, ready: Callable[[], None]) -> None:
    """Run a web server until `stopping` is set; the application's own long streams end then too."""
    if (state := getattr(server.config.app, "state", None)) is not None:
        state.stopping = stopping
    running = asyncio.create_task(server.serve())
    while not server.started and not running.done():  # noqa: ASYNC110 -- uvicorn has no event for it
        await asyncio.sleep(0.01)
    if running.done():
        await running
        raise SystemExit(f"cannot listen on port {server.config.port}")
    tune_garbage_collector()
    ready()
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    waiting.cancel()
    await running


async def work(service: Service, database: Database, bus: Transport, stopping: asyncio.Event, comparison: Comparison) -> None:
    """Relay, consume and do what is due, until `stopping` is set; nothing of it while the database is older than its topic."""
    tune_garbage_collector()
    pauses = Pauses(database)
    while (behind := await comparison.next_halt(stopping)) is not None:
        halt = asyncio.Event()
        working = asyncio.create_task(_work(service, database, bus, halt, pauses))
        try:
            halted = [asyncio.ensure_future(each.wait()) for each in (stopping, behind)]
            await asyncio.wait([working, *halted], return_when=asyncio.FIRST_COMPLETED)
            for each in halted:
                each.cancel()
        finally:
            halt.set()
            await working


async def _work(service: Service, database: Database, bus: Transport, stopping: asyncio.Event, pauses: Pauses) -> None:
    tasks: list[Awaitable[None]] = [
        relay(database, bus, stopping),
        repeat(READERS, partial(look_at_readers, transport=bus, topics=service.topics), database, stopping, idle_seconds=LOOK_SECONDS),
        *(repeat(name, recorded(name, job), database, stopping, pauses=pauses) for name, job in service.jobs.items()),
        *(
            repeat(name, recorded(name, job), database, stopping, idle_seconds=3600, pauses=None if name == INVARIANTS else pauses)
            for name, job in service.hourly_jobs.items()
        ),
    ]
    if service.jobs:
        tasks.append(ring_with_the_date(service.jobs, database, stopping))
    if service.consumers and service.consumers.topics:
        tasks.append(ConsumerLoop(database, service.consumers, bus).run(stopping))
    await asyncio.gather(*tasks)


def until_signalled(main: Callable[[asyncio.Event], Coroutine[None, None, None]]) -> None:
    """Run a coroutine that ends when its event is set, which SIGTERM and SIGINT do; leave with exit code 0."""

    async def run() -> None:
        stopping = asyncio.Event()
        allow_open_files()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        try:
            await main(stopping)
        finally:
            await close_clients()

    with asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(run())


def allow_open_files() -> None:
    """Let the process open more files than the 1,024 of many shells: every connection is one."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
    if allowed != resource.RLIM_INFINITY and allowed < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def tune_garbage_collector() -> None:
    """Let the garbage collector skip what was loaded at the start, and check the rest less often.

    Nothing here makes cycles by the thousand, and checking a hundred thousand objects in the middle of a request takes as long as the request.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _loop() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()


def api_database(name: str) -> Database:
    """Return the database of a service for its API: a request sees what it is given to see, and has little time."""
    return Database(settings().database_url(name), sees="nothing", limits=REQUEST)


def worker_database(name: str) -> Database:
    """Return the database of a service for its worker."""
    return Database(settings().database_url(name), limits=JOB)


async def _api(service: Service, stopping: asyncio.Event) -> None:
    database, bus = api_database(service.name), transport()
    comparison = Comparison(database, bus, service.name)
    await comparison.look_before_serving()
    comparing = asyncio.create_task(comparison.run(stopping))
    server = Server(create_app(service, database, comparison), settings().service_port(service.name), "0.0.0.0")
    try:
        await serve(server, stopping, lambda: print(f"ready {settings().service_url(service.name)} {service.name}", flush=True))  # noqa: T201 -- whoever started it waits for this line
    finally:
        stopping.set()
        await comparing
        await bus.stop()


async def _worker(service: Service, stopping: asyncio.Event) -> None:
    database, bus = worker_database(service.name), transport()
    await bus.start()
    listening = asyncio.create_task(database.bells.listen())
    comparison = Comparison(database, bus, service.name)
    comparing = asyncio.create_task(comparison.run(stopping))
    try:
        await work(service, database, bus, stopping, comparison)
    finally:
        comparing.cancel()
        listening.cancel()
        await bus.stop()
        await database.dispose()


def main(service: Service) -> None:
    """Run `python -m services.NAME api|worker|migrate`."""
    match sys.argv[1:]:
        case ["migrate"]:
            upgrade(settings().migration_url(service.name), service.migrations)
        case ["api"]:
            configure_logs()
            until_signalled(lambda stopping: _api(service, stopping))
        case ["worker"]:
            configure_logs()
            until_signalled(lambda stopping: _worker(service, stopping))
        case _:
            raise SystemExit(f"usage: python -m services.{service.name} api|worker|migrate")
