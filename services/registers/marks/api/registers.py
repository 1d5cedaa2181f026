"""Registers and amendments."""

from collections.abc import Mapping
from datetime import date

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from services.registers.fields import AnyDate
from services.registers.marks.domain.registers import session_codes
from services.registers.marks.fast.schemas import decode_fast
from services.registers.marks.fast.use_cases.registers import store_new_register
from services.registers.marks.schemas.registers import AmendmentIn, ConfirmationIn, MarkOut, RegisterIn, RegisterOut
from services.registers.marks.use_cases import registers
from services.registers.schools.use_cases.access import in_area
from shared.attendance.sessions import Half
from shared.database import Database
from shared.http import Caller, CallerInfo, Router, Tx, Upn, Urn, allow, fast_path_of

router = Router(tags=["registers"])


def _described(schema: object, parts: Mapping[str, object]) -> object:
    """Return a JSON schema with its parts in place of the references, as it stands alone in the API's description."""
    if isinstance(schema, list):
        return [_described(each, parts) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if reference := schema.get("$ref"):
        return _described(parts[reference.removeprefix("#/$defs/")], parts)
    return {name: _described(value, parts) for name, value in schema.items() if name != "$defs"}


_REGISTER = "/schools/{urn}/registers/{date}/{session}"
_SCHEMA = RegisterIn.model_json_schema()
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": _described(_SCHEMA, _SCHEMA["$defs"])}}}}


@router.put(_REGISTER, openapi_extra=_BODY)
@allow("mis", "manager", own_school=True, guard=in_area)
async def put_register(tx: Tx, caller: Caller, urn: Urn, date: AnyDate, session: Half, request: Request) -> RegisterOut:
    """Store a school's register of one session, or a part of it; sending it again is harmless.

    A changed code is an amendment. A mark that cannot be accepted is quarantined and named in `rejected`; the rest is stored.
    """
    body = await _register(request)
    outcome = await registers.store_register(tx, urn, date, session, body.sent_marks(), body.receipt(date, caller.subject))
    return RegisterOut.model_validate(outcome)


async def _put_new_register(database: Database, caller: CallerInfo, path: Mapping[str, str], body: bytes) -> bytes | None:
    try:
        day, register = date.fromisoformat(path["date"]), decode_fast(body)
    except ValueError:
        return None
    if register is None:
        return None
    session = session_codes(day, "AM" if path["session"] == "AM" else "PM")
    receipt = register.head.receipt(day, caller.subject)
    outcome = await store_new_register(database, int(path["urn"]), session, register.codes, register.minutes_late, receipt)
    return RegisterOut.model_validate(outcome).model_dump_json().encode() if outcome else None


FAST_PATHS = [
    fast_path_of(
        put_register,
        "PUT",
        f"{router.prefix}{_REGISTER}",
        _put_new_register,
        urn="[1-9][0-9]{5}",
        date="[0-9]{4}-[0-9]{2}-[0-9]{2}",
        session="AM|PM",
    )
]
"""A register of valid marks of a session that has none yet: nearly every one."""


@router.patch("/schools/{urn}/registers/{date}/{session}/marks/{upn}", response_model_exclude_none=True)
@allow("mis", "school", "manager", own_school=True, guard=in_area)
async def amend_mark(tx: Tx, caller: Caller, urn: Urn, date: AnyDate, session: Half, upn: Upn, body: AmendmentIn) -> MarkOut:
    """Give a mark another code, with the reason and the person who amends it; the original stays."""
    return MarkOut.model_validate(await registers.amend_mark(tx, urn, date, session, upn, body.code, body.receipt(caller.subject)))


@router.post("/schools/{urn}/registers/{date}/{session}/marks/{upn}/confirmation", status_code=201, response_model_exclude_none=True)
@allow("school", "manager", own_school=True, guard=in_area)
async def confirm_mark(tx: Tx, caller: Caller, urn: Urn, date: AnyDate, session: Half, upn: Upn, body: ConfirmationIn) -> MarkOut:
    """Confirm a mark that contradicts leave which was granted for its day; until then it counts for nothing. Amending it is the other way."""
    return MarkOut.model_validate(await registers.confirm_mark(tx, urn, date, session, upn, body.receipt(caller.subject)))


async def _register(request: Request) -> RegisterIn:
    try:
        return RegisterIn.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_input=False, include_url=False, include_context=False)) from None
