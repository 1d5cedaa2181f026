"""How long work may take in the database, by its kind."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of the work on one connection, in seconds. Whatever runs into one is undone and may be tried again."""

    statement: float
    """One statement, with what it waits for."""
    lock: float
    """Waiting for one lock: less than a statement, so that the caller learns what it was."""
    idle: float
    """An open transaction in which nothing happens: its process may have stopped, and others wait for its locks."""
    margin: float = 1
    """After the limit of a statement, until a server that has not answered is taken for dead."""
    connect: float = 3
    """Opening a connection, or trying one that has rested."""

    @property
    def answer(self) -> float:
        """How long the client waits for the answer to a statement."""
        return self.statement + self.margin

    @property
    def server_settings(self) -> dict[str, str]:
        """The limits that the server keeps, as settings of a connection: sent when it is opened, at no further cost."""
        return {
            "statement_timeout": f"{self.statement * 1000:.0f}",
            "lock_timeout": f"{self.lock * 1000:.0f}",
            "idle_in_transaction_session_timeout": f"{self.idle * 1000:.0f}",
        }


REQUEST = Limits(statement=5, lock=4, idle=15)
"""A person or a machine waits for the answer."""
JOB = Limits(statement=60, lock=30, idle=60, connect=10)
"""Work of a worker, or of operations."""
MIGRATION = Limits(statement=3600, lock=5, idle=3600, connect=10)
"""A migration may read a large table, and never lets others wait for its locks."""
