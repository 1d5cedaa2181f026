"""Which errors are transient."""

import asyncpg
from sqlalchemy import exc

from shared.problems import Unavailable

# SQLSTATE classes: connection, transaction rollback (deadlock), resources, lock not available, operator intervention, system, read only.
_TRANSIENT = ("08", "40", "53", "55P03", "57", "58", "25006")


def is_transient(error: BaseException) -> bool:
    """Return whether trying again may help: the database or another service is away or busy."""
    if isinstance(error, exc.DBAPIError):
        if error.connection_invalidated:
            return True
        state = getattr(error.orig, "sqlstate", None) or getattr(getattr(error.orig, "__cause__", None), "sqlstate", None)
        return str(state).startswith(_TRANSIENT) if state else isinstance(error, exc.InterfaceError | exc.OperationalError)
    if isinstance(error, asyncpg.PostgresError):  # of the statements that go to the driver directly
        return str(error.sqlstate).startswith(_TRANSIENT)
    return isinstance(error, exc.TimeoutError | OSError | TimeoutError | Unavailable | asyncpg.InterfaceError)
