"""For operations: the replay of failed events, and checks of every service and its database."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial

import httpx2
from rich.console import Console
from rich.progress import track
from rich.status import Status
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from attendance.comparisons import COMPARISONS, compare
from attendance.embedded import services
from attendance.http import Product, Refused
from attendance.lost_events import describe_lost_events, find_lost_events
from attendance.readers import list_readers, reader_checks, remove
from services.console.responses.values import ListResponse
from services.thresholds.use_cases.recomputation import find_stale_standings
from shared import clock
from shared.database import JOB, Database
from shared.database.migrations import differences
from shared.failures import describe
from shared.http.client import connection_pool
from shared.http.dead_letters import Replayed
from shared.http.pauses import MOST_COUNTED, DueWorkState
from shared.invariants import Invariant, check
from shared.messaging.comparison import Gap, find_missing
from shared.messaging.dead_letters import DeadLetter
from shared.messaging.log_damage import find_damage
from shared.pauses import read_pause
from shared.runtime import transport
from shared.service import Service
from shared.settings import SERVICES, settings

# In the order of their positions, so that an event that the relay has published again meanwhile is not met twice.
_AGAIN = text("""
    UPDATE outbox SET published_at = NULL WHERE position IN (
        SELECT position FROM outbox WHERE position > :after AND occurred_at >= :since AND published_at IS NOT NULL
        ORDER BY position LIMIT :limit
    ) RETURNING position
""")
_LATE = text("SELECT count(*) FROM outbox WHERE published_at IS NULL AND occurred_at < now() - interval '60 seconds'")
_DEAD = text("SELECT count(*) FILTER (WHERE error IS NOT NULL), count(*) FROM dead_letters WHERE resolved_at IS NULL")
_OWNED = text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user")


async def replay(console: Console, by: str, only: str | None, since: date | None) -> int:
    """Replay every halted key of a running product; with `since`, first publish again the events from that day on."""
    chosen = [only] if only else list(SERVICES)
    failed = 0
    if since:
        with _databases(chosen) as databases:
            for name, database in databases:
                console.print(f"{name}: {await publish_again(database, since)} events will be published again")
                await database.dispose()
    async with Product() as product:
        for name in track(chosen, "replaying", console=console):
            done: set[int] = set()
            while letters := [each for each in await _heads(product, name) if each.id not in done]:
                for letter in letters:
                    done.add(letter.id)
                    try:
                        path = f"/v1/dead-letters/{letter.id}/replay"
                        result = Replayed.model_validate_json(await product.request("POST", name, path, role="operations", name=by))
                        console.print(f"{name}: {result.replayed} of {letter.type}, key {letter.key}")
                    except Refused as refusal:
                        failed += 1
                        console.print(f"[red]{name}[/red]: {letter.type} failed again: {refusal}")
    return 1 if failed else 0


async def readers(console: Console, gone: str | None) -> int:
    """Print how far every reader of the product's topics has read; or keep nothing more for one that is gone for good."""
    with _databases(list(SERVICES)) as databases:
        return await remove(console, gone, databases) if gone else await list_readers(console)


async def resume(console: Console, by: str | None, reason: str, only: str | None) -> int:
    """Print for each service whether due work is paused, why, and what is due; let it go on by a named person, if there is one."""
    paused = 0
    async with Product() as product:
        for name in [only] if only else list(SERVICES):
            state = await product.get(name, "/v1/due-work", DueWorkState, role="operations")
            if state.cause is None:
                console.print(f"{name}: due work is done")
                continue
            paused += 1
            console.print(f"[red]{name}[/red]: due work is paused since {state.paused_at:%Y-%m-%d %H:%M} UTC: {WHY_PAUSED[state.cause]}")
            console.print(f"  a worker was last at work at {state.worked_at:%Y-%m-%d %H:%M} UTC; today is {clock.today():%Y-%m-%d} here")
            for each in state.jobs:
                console.print(f"  {each.job}: {f'{each.due} or more' if each.due >= MOST_COUNTED else each.due} due")
            if by:
                path = "/v1/due-work/confirmation"
                await product.request("POST", name, path, {"reason": reason}, role="operations", name=by)
                console.print(f"  goes on, confirmed by {by}")
    return 1 if paused and not by else 0


async def publish_again(database: Database, since: date, *, at_once: int = 10_000) -> int:
    """Let the relay publish the events from a day on again, so many in one statement; return how many there are."""
    count = after = 0
    while True:
        async with database.begin() as tx:
            positions = (await tx.execute(_AGAIN, {"since": since, "after": after, "limit": at_once})).scalars().all()
        count += len(positions)
        if len(positions) < at_once:
            return count
        after = max(positions)


async def _heads(product: Product, service: str) -> list[DeadLetter]:
    """Return the dead letter that each key waits for, by consumer."""
    heads: dict[tuple[str, str], DeadLetter] = {}
    after = ""
    while True:
        page = await product.get(service, f"/v1/dead-letters?limit=500{after}", ListResponse[DeadLetter], role="operations")
        for each in page.items:
            heads.setdefault((each.consumer, each.key), each)
        if not page.next:
            return list(heads.values())
        after = f"&after={page.next}"


WHY_PAUSED = {"absence": "it was not at work for more than 45 days", "clock": "the clock of a worker has strayed by more than an hour"}

Check = tuple[str, Callable[[], Awaitable[str | None]]]
"""A check of one service: its title, and a function that returns None or what is wrong."""


async def doctor(console: Console, *, full: bool = False) -> int:
    """Run every check and print its result; return 1 if anything is wrong. `full`: compare all that services hold, not samples."""
    failed = 0
    with _databases(list(SERVICES)) as databases:
        by_name = {service.name: service for service in services()}
        for name, database in databases:
            for title, check in await _checks_of(console, by_name[name], database):
                failed += await _fails(console, title, check)
        for name, database in databases:
            topics = consumers.topics if (consumers := by_name[name].consumers) else ()
            if topics:
                publishers = [each for publisher, each in databases if publisher in topics]
                check = partial(_lost_events, database, publishers, topics, full=full)
                failed += await _fails(console, f"what {name} handled is known to who published it", check)
        for _, database in databases:
            await database.dispose()
        if url := settings().log_database_url:
            failed += await _fails(console, "the log of events is whole", partial(_log_damage, url))
    failed += await _compare(console, full=full)
    console.print(f"{failed} things are wrong" if failed else "all is well")
    return 1 if failed else 0


async def _compare(console: Console, *, full: bool) -> int:
    """Compare what services hold of the same facts, some of it or all, and print each result; return how many differ."""
    failed = 0
    async with Product() as product:
        for each in COMPARISONS:
            with console.status(each.title) as status:
                report = partial(_report_compared, status, each.title)
                try:
                    problem = await compare(product, each, full=full, progress=report)
                except (Refused, httpx2.TransportError) as error:
                    problem = f"could not be compared: {describe(error)}"
            failed += _print_result(console, each.title, problem)
    return failed


def _report_compared(status: Status, title: str, compared: int) -> None:
    status.update(f"{title}: {compared:,} compared")


async def _fails(console: Console, title: str, check: Callable[[], Awaitable[str | None]]) -> bool:
    """Run a check and print its result; return whether something is wrong."""
    try:
        problem = await check()
    except Exception as error:  # noqa: BLE001 -- a check that cannot be run has failed
        problem = f"could not be checked: {describe(error)}"
    return _print_result(console, title, problem)


def _print_result(console: Console, title: str, problem: str | None) -> bool:
    """Print the result of a check; return whether something is wrong."""
    console.print(f"[red]NO[/red]   {title}: {problem}" if problem else f"[green]yes[/green]  {title}", highlight=False)
    return problem is not None


async def _log_damage(url: str) -> str | None:
    found = await find_damage(url)
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return f"{', '.join(found[:3])}{more}: stop the product and run `attendance log reset`" if found else None


async def _checks_of(console: Console, service: Service, database: Database) -> list[Check]:
    """Return every check of a service; where its database does not answer only that, for each of them would wait for it."""
    try:
        await database.ready(JOB.connect)
    except Exception as error:  # noqa: BLE001 -- the check is what failed
        described = describe(error)

        async def silent() -> str:
            return described

        return [(f"{service.name}'s database answers", silent)]
    return list(_checks(console, service, database))


def _checks(console: Console, service: Service, database: Database) -> Iterator[Check]:
    async def answers() -> str | None:
        try:
            async with connection_pool(5) as http:
                answer = await http.get(f"{settings().service_url(service.name)}/health/ready")
        except httpx2.TransportError:
            return f"nothing answers at {settings().service_url(service.name)}"
        return None if answer.status_code == 200 else f"it answers {answer.status_code}"

    async def migrated() -> str | None:
        async with database.engine.connect() as connection:
            found = await connection.run_sync(differences, service.metadata)
        return f"{len(found)} differences, run `python -m services.{service.name} migrate`" if found else None

    async def owns_nothing() -> str | None:
        async with database.begin() as tx:
            owned = (await tx.execute(_OWNED)).scalar()
        return f"it owns {owned} tables" if owned else None

    async def published() -> str | None:
        async with database.begin() as tx:
            late = (await tx.execute(_LATE)).scalar()
        return f"{late} wait for more than a minute" if late else None

    async def no_dead_letters() -> str | None:
        async with database.begin() as tx:
            failed, waiting = (await tx.execute(_DEAD)).one()
        return f"{failed} failed, {waiting - failed} wait behind them: see `attendance replay`" if waiting else None

    async def recomputes() -> str | None:
        with console.status("recomputing") as status:
            found = await find_stale_standings(database, lambda pupils: status.update(f"recomputing: {pupils:,} pupils"))
        return f"{len(found)} pupils differ, the first is {found[0]}" if found else None

    yield f"{service.name} answers and is ready", answers
    yield f"{service.name}'s tables are those of this version", migrated
    yield f"{service.name}'s login role owns nothing, so that it is bound", owns_nothing
    yield f"{service.name}'s events are published", published
    yield f"{service.name}'s database is as new as what it published", partial(_behind, database, service.name)
    yield f"{service.name} gave no event up", no_dead_letters
    yield from reader_checks(service, database)
    yield f"{service.name} does what is due", partial(_not_paused, database)
    for invariant in service.every_invariant:
        yield f"{service.name}: never {invariant.state}", partial(_absent, database, invariant)
    if service.name == "thresholds":
        yield "what thresholds stored is what a recomputation gives", recomputes


async def _behind(database: Database, service: str) -> str | None:
    bus = transport()
    try:
        gap = Gap.of([each.message for each in await find_missing(database, bus, service)])
    finally:
        await bus.stop()
    return f"{gap}: bring the newer copy, or run `attendance recover {service}`" if gap else None


async def _lost_events(database: Database, publishers: Sequence[Database], topics: Sequence[str], *, full: bool) -> str | None:
    return describe_lost_events(await find_lost_events(database, publishers, full=full), topics)


async def _not_paused(database: Database) -> str | None:
    async with database.begin() as tx:
        pause = await read_pause(tx)
    return f"paused since {pause.paused_at:%Y-%m-%d %H:%M} UTC ({pause.cause}): see `attendance resume`" if pause and pause.cause else None


async def _absent(database: Database, invariant: Invariant) -> str | None:
    broken = await check(database, invariant)
    return f"{broken.count} are, such as {', '.join(broken.examples)}" if broken else None


@contextmanager
def _databases(names: list[str]) -> Iterator[list[tuple[str, Database]]]:
    """Yield every named service's database; the bundled server is joined where the environment names none."""
    from attendance.embedded import provide

    try:
        server = provide(settings().data)
    except OperationalError as error:
        raise SystemExit(f"the database server in {settings().data} does not answer: {describe(error)}") from None
    try:
        yield [(name, Database(settings().database_url(name), pooled=False)) for name in names]
    finally:
        server.stop()
