"""A stand-in for GOV.UK Notify with its wire format: it "posts" letters at once, dated by the clock of the installation.

What it was given survives its process: one SQLite file in its folder.
"""

import base64
import binascii
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared import clock

SKEW_SECONDS = 30
MAX_BYTES = 2 * 1024 * 1024
SCHEMA = """
CREATE TABLE IF NOT EXISTS notifications (
    id TEXT PRIMARY KEY, position INTEGER UNIQUE, reference TEXT, type TEXT NOT NULL, status TEXT NOT NULL, postage TEXT,
    created_at TEXT NOT NULL, completed_at TEXT NOT NULL, pdf BLOB)
"""
FIND = "SELECT * FROM notifications WHERE type = coalesce(?, type) AND reference = coalesce(?, reference) ORDER BY position DESC LIMIT 250"

Handler = Callable[[Request], Awaitable[Response]]


class Refusal(Exception):  # noqa: N818 -- an answer, not an error
    """What Notify answers where it does not do what it was asked."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.answer = _json({"status_code": status, "errors": [{"error": error, "message": message}]}, status)


def create(folder: Path, api_key: str) -> Starlette:
    """Return the stand-in over a folder; `api_key` is `name-<service id>-<secret>`."""
    folder.mkdir(parents=True, exist_ok=True)
    post_office = PostOffice(folder / "notify.sqlite3", api_key)
    paths: list[tuple[str, str, Handler]] = [
        ("POST", "/v2/notifications/letter", post_office.take_letter),
        ("POST", "/v2/notifications/email", post_office.take_email),
        ("GET", "/v2/notifications", post_office.list_all),
        ("GET", "/v2/notifications/{id}", post_office.show),
        ("GET", "/v2/notifications/{id}/pdf", post_office.show_pdf),
    ]
    return Starlette(routes=[Route(path, _answering(handler, post_office), methods=[method]) for method, path, handler in paths])


class PostOffice:
    """Takes letters and e-mails, and remembers them."""

    def __init__(self, path: Path, api_key: str) -> None:
        self._path = path
        self._secret, self._service = api_key[-36:], api_key[-73:-37]
        with closing(self._open()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(SCHEMA)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def check(self, request: Request) -> None:
        """Refuse a request whose JWT is not signed with the key's secret, by this service, within half a minute."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer":
            raise Refusal(401, "AuthError", "Unauthorized: authentication bearer scheme must be used")
        try:
            claims = jwt.decode(token, OctKey.import_key(self._secret), algorithms=["HS256"]).claims
        except (JoseError, ValueError):
            raise Refusal(403, "AuthError", "Invalid token: API key not found") from None
        if claims.get("iss") != self._service:
            raise Refusal(403, "AuthError", "Invalid token: service not found")
        if abs(int(claims.get("iat", 0)) - clock.now().timestamp()) > SKEW_SECONDS:
            raise Refusal(403, "AuthError", "Error: Your system clock must be accurate to within 30 seconds")

    async def take_letter(self, request: Request) -> Response:
        """Take a precompiled letter and say that it was posted."""
        body = await _body(request)
        postage = body.get("postage", "second")
        if not isinstance(body.get("reference"), str) or not isinstance(body.get("content"), str):
            raise Refusal(400, "ValidationError", "reference and content are required properties")
        if postage not in ("first", "second", "economy"):
            raise Refusal(400, "ValidationError", "postage invalid. It must be first, second or economy.")
        try:
            pdf = base64.b64decode(body["content"], validate=True)
        except binascii.Error:
            raise Refusal(400, "BadRequestError", "Cannot decode letter content (invalid base64 encoding)") from None
        if not pdf.startswith(b"%PDF-") or len(pdf) > MAX_BYTES:
            raise Refusal(400, "BadRequestError", "Letter content is not a valid PDF of at most 2 MB")
        made = self._store("letter", "received", body["reference"], postage, pdf)
        return _json({"id": made, "reference": body["reference"], "postage": postage}, 201)

    async def take_email(self, request: Request) -> Response:
        """Take an e-mail and say that it was delivered; its words are not kept."""
        body = await _body(request)
        if not isinstance(body.get("email_address"), str) or not isinstance(body.get("template_id"), str):
            raise Refusal(400, "ValidationError", "email_address and template_id are required properties")
        made = self._store("email", "delivered", body.get("reference"), None, None)
        content = {"subject": "", "body": "", "from_email": "stand-in@localhost"}
        template = {"id": body["template_id"], "version": 1, "uri": ""}
        return _json(
            {"id": made, "reference": body.get("reference"), "content": content, "template": template, "uri": str(request.url)}, 201
        )

    async def list_all(self, request: Request) -> Response:
        """List what was taken, the newest first."""
        query = request.query_params
        with closing(self._open()) as connection:
            rows = connection.execute(FIND, (query.get("template_type"), query.get("reference"))).fetchall()
        return _json({"notifications": [_shown(row) for row in rows], "links": {"current": str(request.url)}})

    async def show(self, request: Request) -> Response:
        """Show one."""
        return _json(_shown(self._one(request)))

    async def show_pdf(self, request: Request) -> Response:
        """Give a letter's file back."""
        row = self._one(request)
        if row["type"] != "letter":
            raise Refusal(400, "BadRequestError", "Notification is not a letter")
        return Response(row["pdf"], media_type="application/pdf")

    def _one(self, request: Request) -> sqlite3.Row:
        try:
            wanted = str(UUID(request.path_params["id"]))
        except ValueError:
            raise Refusal(400, "ValidationError", "id is not a valid UUID") from None
        with closing(self._open()) as connection:
            row: sqlite3.Row | None = connection.execute("SELECT * FROM notifications WHERE id = ?", (wanted,)).fetchone()
        if row is None:
            raise Refusal(404, "NoResultFound", "No result found")
        return row

    def _store(self, kind: str, status: str, reference: str | None, postage: str | None, pdf: bytes | None) -> str:
        made = str(uuid4())
        # Posted at noon in London on the day that the installation's clock shows.
        noon = datetime.combine(clock.today(), time(12), clock.LONDON).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        with closing(self._open()) as connection:
            connection.execute(
                "INSERT INTO notifications SELECT ?, coalesce(max(position), 0) + 1, ?, ?, ?, ?, ?, ?, ? FROM notifications",
                (made, reference, kind, status, postage, noon, noon, pdf),
            )
        return made


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    letter = row["type"] == "letter"
    return {
        "id": row["id"],
        "reference": row["reference"],
        "type": row["type"],
        "status": row["status"],
        "postage": row["postage"],
        "body": "",
        "subject": "Pre-compiled PDF" if letter else "",
        "email_address": None,
        "phone_number": None,
        **{f"line_{number}": None for number in range(1, 8)},
        "template": {"id": str(UUID(int=0)), "version": 1, "uri": ""},
        "created_by_name": None,
        "created_at": row["created_at"],
        "sent_at": row["completed_at"],
        "completed_at": row["completed_at"],
        "scheduled_for": None,
    }


def _answering(handler: Handler, post_office: PostOffice) -> Handler:
    async def answer(request: Request) -> Response:
        try:
            post_office.check(request)
            return await handler(request)
        except Refusal as refusal:
            return refusal.answer

    return answer


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise Refusal(400, "BadRequestError", "Invalid JSON supplied in POST data")
    return body


def _json(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
