"""`Idempotency-Key`: the same request again gets the first answer again, for 24 hours, per caller and path.

The key is stored in the transaction of what it did, so neither can exist without the other.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import Request, Response
from pydantic import BaseModel
from sqlalchemy import text

from shared.database import Database, Transaction
from shared.database.locks import Lock
from shared.problems import Conflict, Invalid

_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:caller || ' ' || :path || ' ' || :key, :lock))").bindparams(
    lock=Lock.IDEMPOTENCY_KEY
)
_FIND = text("""
    SELECT body_hash, status, headers, answer, started_at > now() - interval '60 seconds' AS recent FROM idempotency_keys
    WHERE caller = :caller AND path = :path AND key = :key AND started_at > now() - interval '24 hours'
""")
_STORE = text("""
    INSERT INTO idempotency_keys (caller, path, key, body_hash, status, headers, answer)
    VALUES (:caller, :path, :key, :body_hash, :status, CAST(:headers AS jsonb), :answer)
    ON CONFLICT (caller, path, key) DO UPDATE SET body_hash = excluded.body_hash, status = excluded.status,
        headers = excluded.headers, answer = excluded.answer, started_at = now()
""")
_DELETE = text("DELETE FROM idempotency_keys WHERE caller = :caller AND path = :path AND key = :key")

Handle = Callable[[Request], Awaitable[Response]]


class IdempotencyKeyReused(Invalid):
    """The Idempotency-Key was used for another body."""


class StillRunning(Conflict):
    """A request with this Idempotency-Key is still running."""


async def within(tx: Transaction, request: Request, key: str, handle: Handle) -> Response:
    """Handle a request whose effects and key share one transaction."""
    who = _who(request, key)
    if not (await tx.execute(_LOCK, who)).scalar():
        raise StillRunning
    if (before := await _before(tx, request, who)) is not None:
        return before
    answer = await handle(request)
    if answer.status_code < 300:
        await _store(tx, request, who, answer)
    return answer


async def around(database: Database, request: Request, key: str, handle: Handle) -> Response:
    """Handle a request that calls the outside world: the key is taken before and answered after.

    If the process dies in between, the key is free again after a minute; the endpoint itself finds what it had begun.
    """
    who = _who(request, key)
    request.state.idempotency_key = key
    async with database.begin() as tx:
        if not (await tx.execute(_LOCK, who)).scalar():
            raise StillRunning
        if (before := await _before(tx, request, who)) is not None:
            return before
        await _store(tx, request, who, None)
    try:
        answer = await handle(request)
    except BaseException as error:
        if not isinstance(error, TimeoutError):  # where the database does not answer, nobody waits for it once more
            async with database.begin() as tx:
                await tx.execute(_DELETE, who)
        raise
    if getattr(request.state, "answer_kept", False):
        return answer
    async with database.begin() as tx:
        if answer.status_code < 300:
            await _store(tx, request, who, answer)
        else:
            await tx.execute(_DELETE, who)
    return answer


async def keep_answer(tx: Transaction, request: Request, answer: BaseModel, status: int) -> None:
    """Store the answer in the transaction that has the effect, in an endpoint that opens its own (see `around`).

    So a process that dies right after its commit has answered all the same: the client asks again and gets this answer.
    """
    if key := getattr(request.state, "idempotency_key", None):
        await _store(
            tx, request, _who(request, key), Response(answer.model_dump_json(by_alias=True), status, media_type="application/json")
        )
        request.state.answer_kept = True


def _who(request: Request, key: str) -> dict[str, Any]:
    if not 1 <= len(key) <= 200:
        raise Invalid("An Idempotency-Key has 1 to 200 characters.")
    # Quoted: a path may hold what the database does not store (NUL), and is refused only later, for its own reasons.
    return {"caller": request.state.caller.subject, "path": quote(request.url.path), "key": key}


async def _hash(request: Request) -> bytes:
    # The body has been read and kept by then; of a file only its hash.
    return getattr(request.state, "body_hash", None) or hashlib.sha256(await request.body()).digest()


async def _before(tx: Transaction, request: Request, who: dict[str, Any]) -> Response | None:
    row = (await tx.execute(_FIND, who)).first()
    if row is None:
        return None
    if row.body_hash != await _hash(request):
        raise IdempotencyKeyReused
    if row.status is None:
        if row.recent:
            raise StillRunning
        return None
    return Response(row.answer, row.status, {**row.headers, "Idempotent-Replayed": "true"})


async def _store(tx: Transaction, request: Request, who: dict[str, Any], answer: Response | None) -> None:
    headers = {} if answer is None else {"content-type": answer.headers.get("content-type", "application/json")}
    values = {"body_hash": await _hash(request), "status": None, "answer": None} if answer is None else {
        "body_hash": await _hash(request), "status": answer.status_code, "answer": answer.body}  # fmt: skip
    await tx.execute(_STORE, {**who, **values, "headers": orjson.dumps(headers).decode()})
