"""Which errors are transient, and what a caller is answered to them."""

import asyncpg
from sqlalchemy import exc

from shared.problems import DiskFull, LockedByOthers, TookTooLong, Unavailable

# SQLSTATE classes: connection, transaction rollback (deadlock), resources, lock not available, operator intervention, system, read only.
_TRANSIENT = ("08", "40", "53", "55P03", "57", "58", "25006")


def is_transient(error: BaseException) -> bool:
    """Return whether trying again may help: the database or another service is away or busy."""
    if isinstance(error, exc.DBAPIError) and error.connection_invalidated:
        return True
    if state := _sqlstate(error):
        return state.startswith(_TRANSIENT)
    if isinstance(error, exc.DBAPIError) and isinstance(error.orig and error.orig.__cause__, asyncpg.DataError):
        return False  # the driver's word for a value that the database would refuse, though it calls that an error of the interface
    return isinstance(
        error, exc.InterfaceError | exc.OperationalError | exc.TimeoutError | OSError | Unavailable | asyncpg.InterfaceError
    ) and not isinstance(error, asyncpg.DataError)


def is_damage(error: BaseException) -> bool:
    """Return whether a table is missing or cannot be read: trying again helps only after an operator acted."""
    return (_sqlstate(error) or "").startswith(("42", "XX"))


def is_disk_full(error: BaseException) -> bool:
    """Return whether the server had no room to store something."""
    return _sqlstate(error) == "53100"


def is_cut_off(error: BaseException) -> bool:
    """Return whether the server stopped a statement at its limit: trying the same again may well end the same way."""
    return _sqlstate(error) == "57014"


def is_unanswered(error: BaseException) -> bool:
    """Return whether the server did not answer in time. When it goes on it may still do what it was asked, even a commit."""
    return isinstance(error, TimeoutError)


def is_locked_out(error: BaseException) -> bool:
    """Return whether a lock was waited for in vain."""
    return _sqlstate(error) == "55P03"


def unavailable(error: BaseException) -> Unavailable:
    """Return the refusal for a transient error. It promises that nothing was stored only where that is certain."""
    if is_disk_full(error):
        return DiskFull("Nothing of this was stored, and what was stored before stays. Send it again when operations have made room.")
    if is_locked_out(error):
        return LockedByOthers(
            "An import, a roll or a register of the same school or pupil is being stored. Nothing of this was: send it again."
        )
    if is_cut_off(error):
        return TookTooLong("Nothing of this was stored. Ask for less at once, or send it again later.")
    if is_unanswered(error):
        return Unavailable("The database does not answer. This may have been stored all the same: send the same again.")
    return Unavailable("The database is away or busy.", retry_after=1)


def _sqlstate(error: BaseException) -> str | None:
    """Return PostgreSQL's code of an error, from SQLAlchemy or from the driver directly."""
    raw = error.orig if isinstance(error, exc.DBAPIError) else error
    return getattr(raw, "sqlstate", None) or getattr(raw.__cause__ if raw else None, "sqlstate", None)
