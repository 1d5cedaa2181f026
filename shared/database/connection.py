"""Connections and transactions.

One transaction per request or message, opened and committed at the edge; functions below take it and never commit.
"""

import asyncio
import copy
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import asyncpg
import orjson
from sqlalchemy import event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from shared.database.bells import NOTIFY, bells_of, notify
from shared.database.errors import is_disk_full
from shared.database.limits import JOB, Limits
from shared.problems import Unavailable

Transaction = AsyncConnection
"""An open transaction. Whoever opened it commits it."""


_SEE = "SELECT set_config('app.sees', :sees, true), set_config('app.schools', :schools, true), set_config('app.la', :la, true)"
_SEE_AGAIN = text(_SEE)
_SEE_AS = text(f"{_SEE}, set_config('app.role', :role, true), set_config('app.today', :today, true)")


@dataclass(frozen=True, slots=True)
class RowVisibility:
    """Whose rows a transaction sees in tables under row security: these schools', or this authority's; with neither, everybody's.

    `role` and `today` are for policies that depend on who asks, and on which rolls a pupil is on that day.
    """

    schools: Collection[int] | None = None
    la_code: str | None = None
    role: str = ""
    today: date | None = None

    async def apply(self, tx: Transaction) -> None:
        """Make these rows visible, and no others, for the rest of a transaction."""
        sees = "schools" if self.schools is not None else "area" if self.la_code else "everything"
        rows = {"sees": sees, "schools": _listed(self.schools or ()), "la": self.la_code or ""}
        await tx.execute(_SEE_AS, {**rows, "role": self.role, "today": self.today.isoformat() if self.today else ""})


def _listed(urns: Collection[int]) -> str:
    return ",".join(str(int(urn)) for urn in sorted(urns))


ALL_ROWS = RowVisibility()


async def driver(tx: Transaction) -> asyncpg.Connection:
    """Return the driver's connection of a transaction, for a statement of many values; one of SQLAlchemy's must have begun the transaction."""
    return (await tx.get_raw_connection()).driver_connection


_WIDEN = text("""
    WITH before AS MATERIALIZED (
        SELECT current_setting('app.sees', true) AS sees, current_setting('app.schools', true) AS schools, current_setting('app.la', true) AS la
    )
    SELECT before.*, set_config('app.sees', 'everything', true) FROM before
""")


@asynccontextmanager
async def all_rows_visible(tx: Transaction) -> AsyncIterator[None]:
    """Make every row visible within the block, where the product itself must look across schools, and not its caller.

    After an exception every row stays visible: the transaction is rolled back then.
    """
    before = (await tx.execute(_WIDEN)).one()
    yield
    await tx.execute(_SEE_AGAIN, {"sees": before.sees or "nothing", "schools": before.schools or "", "la": before.la or ""})


def _dumps(value: Any) -> str:
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


IDLE_BEFORE_PING = 0.5
"""Seconds after which a connection is tried before it is used: its server may be gone since. A connection that was used a moment before is
not tried, and if its server died since, the caller is asked to try again."""


SILENT_SECONDS = 1.0
"""How long nobody waits for a server that did not even accept a connection: of many who queue, only the first one waits in full."""
FULL_SECONDS = 60.0
"""How long a service is not ready after its database had no room to store something."""
CLOSE_SECONDS = 0.5
"""How long a server may take over the end of a connection."""


class _Connection(asyncpg.Connection):  # type: ignore[misc]  # the driver is not typed
    """A connection whose end waits for nobody: SQLAlchemy gives a server two seconds for it, the driver as many as for a statement."""

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109, ARG002 -- the driver's
        """End; where the server does not answer, without it."""
        with suppress(TimeoutError):
            await super().close(timeout=CLOSE_SECONDS)


class _Silence:
    """Until when a server is taken for silent, and its disk for full, the same for every view of a database."""

    until = 0.0
    full_until = 0.0


def _note_use(_: object, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


class Database:
    """A service's database, by the address of its login role.

    `sees`: what transactions see of tables under row security. An API's see nothing until `visible_to` names whose request it is.
    `limits`: how long its work may take.
    """

    def __init__(
        self, url: str, *, size: int = 8, pooled: bool = True, sees: Literal["everything", "nothing"] = "everything", limits: Limits = JOB
    ) -> None:
        self._visibility: RowVisibility | None = None
        self._limits = limits
        self._silence = _Silence()
        self.bells = bells_of(url)
        # hide_parameters: an error's text would otherwise carry a thousand children's marks.
        # The connection that was used last is used next: its plans are made, and it needs no trying.
        of_pool = {"pool_size": size, "max_overflow": 4, "pool_timeout": 2, "pool_use_lifo": True}
        options: dict[str, Any] = of_pool if pooled else {"poolclass": NullPool}
        # Every question here has its index, and plans are kept: one made while a table (or a month's partition) was still empty would read
        # all of it from then on, for every register.
        settings = {"app.sees": sees, "enable_seqscan": "off", "jit": "off", **limits.server_settings}
        limited = {"timeout": limits.connect, "command_timeout": limits.answer, "connection_class": _Connection}
        options["connect_args"] = {"server_settings": settings, **limited}
        self.engine = create_async_engine(url, hide_parameters=True, json_serializer=_dumps, json_deserializer=orjson.loads, **options)
        if pooled:
            event.listen(self.engine.sync_engine, "checkin", _note_use)
            event.listen(self.engine.sync_engine, "checkout", self._ping_if_idle)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """Open a transaction; commit when the block ends, and ring the bells that it was asked to ring; roll back when the block raises."""
        async with self._connected() as tx:
            rung: set[str] = set()
            tx.info["bells"] = rung  # of the connection: whoever had it last may have left some there
            async with tx.begin():
                try:
                    if self._visibility is not None:
                        await self._visibility.apply(tx)
                    yield tx
                    if silent := self.bells.silent(rung):
                        await notify(tx, silent)
                except TimeoutError:
                    if not tx.invalidated:  # of a statement that went to the driver directly
                        (await driver(tx)).terminate()  # a rollback would wait for the same server again
                    raise
            self.bells.ring(rung)

    @asynccontextmanager
    async def begin_in_driver(self, urns: Collection[int], bell: str) -> AsyncIterator[asyncpg.Connection]:
        """Open a transaction of the driver's own that sees these schools' rows, for a few statements of many values; its commit rings a bell.

        SQLAlchemy, which only lends the connection, would take a tenth as long over the transaction as the statements of a dozen registers.
        """
        async with self._connected() as connection:
            driver_connection: Any = (await connection.get_raw_connection()).driver_connection
            async with driver_connection.transaction():
                try:
                    await driver_connection.execute(f"SET LOCAL app.sees = 'schools'; SET LOCAL app.schools = '{_listed(urns)}'")
                    yield driver_connection
                    if silent := self.bells.silent([bell]):
                        await driver_connection.execute(NOTIFY, silent)
                except TimeoutError:
                    driver_connection.terminate()
                    raise
            self.bells.ring([bell])

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection. Raise Unavailable, without waiting, if the server accepted none a moment ago."""
        if time.monotonic() < self._silence.until:
            raise Unavailable("The database does not answer.", retry_after=1)
        accepted = False
        try:
            async with self.engine.connect() as connection:
                accepted = True
                yield connection
        except TimeoutError:
            if not accepted:
                self._silence.until = time.monotonic() + SILENT_SECONDS
            raise
        except Exception as error:
            if is_disk_full(error):
                self._silence.full_until = time.monotonic() + FULL_SECONDS
            raise

    def disk_is_full(self) -> bool:
        """Return whether the database had no room to store something within the last minute."""
        return time.monotonic() < self._silence.full_until

    def visible_to(self, visibility: RowVisibility) -> "Database":
        """Return the same database whose transactions see these rows and no others."""
        narrowed = copy.copy(self)
        narrowed._visibility = visibility  # noqa: SLF001 -- its own class
        return narrowed

    async def ready(self, seconds: float = 1.5) -> bool:
        """Return whether the database answers within so many seconds and is migrated."""
        return bool((await self.fetch_alone("SELECT to_regclass('alembic_version') IS NOT NULL", seconds=seconds))[0][0])

    async def fetch_alone(self, query: str, *values: object, seconds: float) -> list[Any]:
        """Return the rows of a query on a connection of its own, since whatever hangs may hold all the others.

        Raise TimeoutError if that takes longer than so many seconds.
        """
        _, options = self.engine.dialect.create_connect_args(self.engine.url)
        async with asyncio.timeout(seconds):
            connection = await asyncpg.connect(**options)
            try:
                return list(await connection.fetch(query, *values))
            finally:
                connection.terminate()  # a polite end would wait for the server

    def _ping_if_idle(self, connection: Any, record: ConnectionPoolEntry, _: object) -> None:
        if connection.driver_connection.is_closed():  # its server has hung up
            raise DisconnectionError
        if time.monotonic() - record.info.get("used", time.monotonic()) > IDLE_BEFORE_PING:
            try:
                connection.run_async(lambda driver: driver.execute("SELECT 1", timeout=self._limits.connect))
            except Exception as error:
                connection.driver_connection.terminate()
                raise DisconnectionError from error  # the pool opens another

    def with_limits(self, limits: Limits) -> "Database":
        """Return the same database, everything visible, for work with other limits: on connections of its own, none of which is kept."""
        made = Database(self.engine.url.render_as_string(hide_password=False), pooled=False, limits=limits)
        made.bells = self.bells
        return made

    async def dispose(self) -> None:
        """Close every connection."""
        await self.engine.dispose()
