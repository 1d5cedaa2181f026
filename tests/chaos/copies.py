"""Old copies of databases, taken while the product runs and put in the place of the newer ones while it is stopped."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg

from shared.settings import SERVICES
from tests.chaos.running import Running

DATABASES = (*SERVICES, "log")

_CLOSE = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s"


class Copies:
    """One copy of every database, and the newer database while a copy stands in its place."""

    def __init__(self, product: Running) -> None:
        self.product = product

    def take(self, *names: str) -> None:
        """Copy databases, of all unless some are named, and forget the copies before."""
        with self._server() as server:
            for name in names or DATABASES:
                with self._closed(server, name):
                    server.execute(f"DROP DATABASE IF EXISTS {name}_older")
                    server.execute(f'CREATE DATABASE {name}_older TEMPLATE {name} OWNER "{name}_owner" STRATEGY file_copy')

    def restore(self, name: str) -> int:
        """Put the copy in the place of a database that nobody uses; return how many events a service's topic holds that the copy does not."""
        newer = self._published(name)
        with self._server() as server:
            with self._closed(server, name):
                server.execute(f"ALTER DATABASE {name} RENAME TO {name}_newer")
            server.execute(f"ALTER DATABASE {name}_older RENAME TO {name}")
        with psycopg.connect(self.product.log_database()) as log:
            topic = {row[0] for row in log.execute("SELECT event_id FROM log_events WHERE topic = %s", [name])}
        return len((newer - self._published(name)) & topic)

    def bring_newer(self, name: str) -> None:
        """Put the newer database back in its place; the copy is gone."""
        with self._server() as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
            server.execute(f"ALTER DATABASE {name}_newer RENAME TO {name}")
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    def keep(self, name: str) -> None:
        """Forget the newer database: the copy stays in its place."""
        with self._server() as server:
            server.execute(f"DROP DATABASE {name}_newer WITH (FORCE)")

    def _published(self, name: str) -> set[UUID]:
        return {row[0] for row in self.product.query(name, "SELECT event_id FROM outbox")} if name in SERVICES else set()

    @contextmanager
    def _server(self) -> Iterator[psycopg.Connection]:
        address = self.product.database("postgres").replace("postgres_owner", "postgres")
        with psycopg.connect(address, autocommit=True, connect_timeout=30) as connection:
            yield connection

    @contextmanager
    def _closed(self, server: psycopg.Connection, name: str) -> Iterator[None]:
        """Let nobody into a database within the block; one that is renamed meanwhile stays closed."""
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        server.execute(_CLOSE, [name])
        try:
            yield
        finally:
            if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
