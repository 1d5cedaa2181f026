"""A stand-in for GOV.UK Notify with its wire format: it "posts" letters at once, dated by the clock of the installation.

Its state survives its process: one SQLite file in its folder.
"""

import base64
import binascii
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, time
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import JsonValue
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared import clock
from shared.private_files import close_file, close_folder

SKEW_SECONDS = 30
MAX_BYTES = 2 * 1024 * 1024
SCHEMA = """
CREATE TABLE IF NOT EXISTS notifications (
    id TEXT PRIMARY KEY, position INTEGER UNIQUE, reference TEXT, type TEXT NOT NULL, status TEXT NOT NULL, postage TEXT,
    created_at TEXT NOT NULL, completed_at TEXT NOT NULL, pdf BLOB)
"""
FIND = "SELECT * FROM notifications WHERE type = coalesce(?, type) AND reference = coalesce(?, reference) ORDER BY position DESC LIMIT 250"

Handler = Callable[[Request], Awaitable[Response]]


class Notification(NamedTuple):
    """A row of `notifications`: a letter or an e-mail."""

    id: str
    position: int
    reference: str | None
    type: str
    status: str
    postage: str | None
    created_at: str
    completed_at: str
    pdf: bytes | None


class Refusal(Exception):  # noqa: N818 -- an expected response, not a failure
    """A refusal in Notify's format."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.response = _json({"status_code": status, "errors": [{"error": error, "message": message}]}, status)


def create(folder: Path, api_key: str) -> Starlette:
    """Return the stand-in over a folder; `api_key` is `name-<service id>-<secret>`."""
    close_folder(folder)
    post_office = PostOffice(folder / "notify.sqlite3", api_key)
    paths: list[tuple[str, str, Handler]] = [
        ("POST", "/v2/notifications/letter", post_office.accept_letter),
        ("POST", "/v2/notifications/email", post_office.accept_email),
        ("GET", "/v2/notifications", post_office.list_all),
        ("GET", "/v2/notifications/{id}", post_office.show),
        ("GET", "/v2/notifications/{id}/pdf", post_office.show_pdf),
    ]
    return Starlette(routes=[Route(path, _guarded(handler, post_office), methods=[method]) for method, path, handler in paths])


class PostOffice:
    """Accepts letters and e-mails, and stores them."""

    def __init__(self, path: Path, api_key: str) -> None:
        self._path = path
        self._secret, self._service = api_key[-36:], api_key[-73:-37]
        close_file(path)
        with closing(self._open()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(SCHEMA)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None)
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

    async def accept_letter(self, request: Request) -> Response:
        """Accept a precompiled letter and respond as if it was posted."""
        body = await _body(request)
        reference, content, postage = body.get("reference"), body.get("content"), body.get("postage", "second")
        if not isinstance(reference, str) or not isinstance(content, str):
            raise Refusal(400, "ValidationError", "reference and content are required properties")
        if postage not in ("first", "second", "economy"):
            raise Refusal(400, "ValidationError", "postage invalid. It must be first, second or economy.")
        try:
            pdf = base64.b64decode(content, validate=True)
        except binascii.Error:
            raise Refusal(400, "BadRequestError", "Cannot decode letter content (invalid base64 encoding)") from None
        if not pdf.startswith(b"%PDF-") or len(pdf) > MAX_BYTES:
            raise Refusal(400, "BadRequestError", "Letter content is not a valid PDF of at most 2 MB")
        made = self._store("letter", "received", reference, postage, pdf)
        return _json({"id": made, "reference": reference, "postage": postage}, 201)

    async def accept_email(self, request: Request) -> Response:
        """Accept an e-mail and respond as if it was delivered; its text is not stored."""
        body = await _body(request)
        if not isinstance(body.get("email_address"), str) or not isinstance(body.get("template_id"), str):
            raise Refusal(400, "ValidationError", "email_address and template_id are required properties")
        reference = body.get("reference")
        made = self._store("email", "delivered", reference if isinstance(reference, str) else None, None, None)
        content = {"subject": "", "body": "", "from_email": "stand-in@localhost"}
        template = {"id": body["template_id"], "version": 1, "uri": ""}
        return _json({"id": made, "reference": reference, "content": content, "template": template, "uri": str(request.url)}, 201)

    async def list_all(self, request: Request) -> Response:
        """List what was accepted, the newest first."""
        query = request.query_params
        with closing(self._open()) as connection:
            rows = connection.execute(FIND, (query.get("template_type"), query.get("reference"))).fetchall()
        return _json({"notifications": [_shown(Notification(*row)) for row in rows], "links": {"current": str(request.url)}})

    async def show(self, request: Request) -> Response:
        """Show one letter or e-mail."""
        return _json(_shown(self._one(request)))

    async def show_pdf(self, request: Request) -> Response:
        """Return a letter's file."""
        found = self._one(request)
        if found.type != "letter":
            raise Refusal(400, "BadRequestError", "Notification is not a letter")
        return Response(found.pdf, media_type="application/pdf")

    def _one(self, request: Request) -> Notification:
        try:
            wanted = str(UUID(request.path_params["id"]))
        except ValueError:
            raise Refusal(400, "ValidationError", "id is not a valid UUID") from None
        with closing(self._open()) as connection:
            row = connection.execute("SELECT * FROM notifications WHERE id = ?", (wanted,)).fetchone()
        if row is None:
            raise Refusal(404, "NoResultFound", "No result found")
        return Notification(*row)

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


def _shown(found: Notification) -> Mapping[str, JsonValue]:
    empty = ("email_address", "phone_number", *(f"line_{number}" for number in range(1, 8)), "created_by_name", "scheduled_for")
    return {
        "id": found.id,
        "reference": found.reference,
        "type": found.type,
        "status": found.status,
        "postage": found.postage,
        "body": "",
        "subject": "Pre-compiled PDF" if found.type == "letter" else "",
        "template": {"id": str(UUID(int=0)), "version": 1, "uri": ""},
        "created_at": found.created_at,
        "sent_at": found.completed_at,
        "completed_at": found.completed_at,
        **dict.fromkeys(empty),
    }


def _guarded(handler: Handler, post_office: PostOffice) -> Handler:
    async def respond(request: Request) -> Response:
        try:
            post_office.check(request)
            return await handler(request)
        except Refusal as refusal:
            return refusal.response

    return respond


async def _body(request: Request) -> Mapping[str, JsonValue]:
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise Refusal(400, "BadRequestError", "Invalid JSON supplied in POST data")
    return body


def _json(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
