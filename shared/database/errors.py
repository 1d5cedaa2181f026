"""Which trouble passes by itself."""

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.problems import Unavailable

# SQLSTATE classes: connection, transaction rollback (deadlock), resources, lock not available, operator intervention, system, read only.
_PASSING = ("08", "40", "53", "55P03", "57", "58", "25006")


def is_transient(trouble: BaseException) -> bool:
    """Tell whether trying again may help: the database or a sister service is away or busy."""
    if isinstance(trouble, DBAPIError):
        if trouble.connection_invalidated:
            return True
        state = getattr(trouble.orig, "sqlstate", None) or getattr(getattr(trouble.orig, "__cause__", None), "sqlstate", None)
        return str(state).startswith(_PASSING) if state else isinstance(trouble, InterfaceError | OperationalError)
    if isinstance(trouble, asyncpg.PostgresError):  # of the statements that go to the driver directly
        return str(trouble.sqlstate).startswith(_PASSING)
    return isinstance(trouble, PoolTimeoutError | OSError | TimeoutError | Unavailable | asyncpg.InterfaceError)
