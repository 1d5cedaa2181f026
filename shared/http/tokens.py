"""Bearer tokens: signed by the installation's key, valid for 24 hours of real time."""

import os
import secrets
from collections.abc import Iterable
from datetime import timedelta
from functools import cache, lru_cache
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import BaseModel, Field, field_validator

from shared import clock
from shared.http.access import ROLES, CallerInfo
from shared.problems import Unauthenticated
from shared.settings import settings

LIFETIME = timedelta(hours=24)
AUDIENCE = "attendance"
"""Whom a token is for: the services and the console, and nobody else to whom the same key may one day sign."""


class _Claims(BaseModel):
    """The claims of every token, by names of RFC 7519 and of our own."""

    sub: str = Field(min_length=1)
    exp: int
    roles: frozenset[str] = Field(min_length=1)
    schools: frozenset[int]
    la: str | None = None
    name: str | None = None

    @field_validator("roles")
    @classmethod
    def _exist(cls, roles: frozenset[str]) -> frozenset[str]:
        if unknown := roles - ROLES.keys():
            raise ValueError(f"no such roles: {unknown}")
        return roles


_REGISTERED = jwt.JWTClaimsRegistry(
    exp={"essential": True}, iss={"essential": True, "value": "attendance"}, aud={"essential": True, "value": AUDIENCE}
)


@cache
def _key() -> OctKey:
    return OctKey.import_key(settings().token_key or _from_file(settings().data))


def _from_file(folder: Path) -> str:
    """Read `token.key`, making it first if nobody has: whoever comes first wins, the others read."""
    path = folder / "token.key"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists() or not path.stat().st_size:  # an empty one was left by a disk without room, and signed nothing
        draft = folder / f".token.key.{secrets.token_hex(8)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            if not path.stat().st_size:
                draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    return path.read_text(encoding="ascii").strip()


def issue(
    role: str, *, name: str | None = None, schools: Iterable[int] = (), la_code: str | None = None, subject: str | None = None
) -> str:
    """Return a token for one role; without a name it is no person's, and decides nothing. Raise ValueError for a role that does not exist."""
    if role not in ROLES:
        raise ValueError(f"no such role: {role}; there are {', '.join(sorted(ROLES))}")
    now = clock.now()
    claims = {
        "iss": "attendance",
        "aud": AUDIENCE,
        "sub": subject or f"{role}:{secrets.token_hex(8)}",
        "name": (name or "").strip() or None,
        "roles": [role],
        "schools": sorted(schools),
        "la": la_code,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
    }
    return jwt.encode({"alg": "HS256"}, claims, _key())


def read(token: str) -> CallerInfo:
    """Return who holds the token; raise Unauthenticated if it is not ours or has run out."""
    caller, expires = _verified(token)
    if expires <= clock.now().timestamp():
        raise Unauthenticated("The token is not valid or has run out.")
    return caller


@lru_cache(maxsize=4096)
def _verified(token: str) -> tuple[CallerInfo, int]:
    """Return who holds a token and when it runs out: its signature is computed once, not with every request."""
    try:
        decoded = jwt.decode(token, _key(), algorithms=["HS256"]).claims
        _REGISTERED.validate(decoded)
        claims = _Claims.model_validate(decoded)
    except (JoseError, ValueError, TypeError) as refusal:  # a TypeError: joserfc's, of a header of other types
        raise Unauthenticated("The token is not valid or has run out.") from refusal
    name = (claims.name or "").strip() or None
    return CallerInfo(claims.sub, name, claims.roles, claims.schools, claims.la), claims.exp


@cache
def _service_token(_hour: int) -> str:
    return issue("service", subject="service")


def service_token() -> str:
    """Return a token with which one service asks another; renewed every hour."""
    return _service_token(int(clock.now().timestamp()) // 3600)
