"""A whole school's roll in one request: each pupil is judged alone, all that can be are stored together."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.registers.pupils.schemas.pupils import PupilIn, RollIn, RollOut, RollRejected
from services.registers.pupils.use_cases.pupils import check_pupil, store_pupils
from shared.database import Transaction, all_rows_visible
from shared.http import Upn
from shared.problems import Invalid

_UPN: TypeAdapter[str] = TypeAdapter(Upn)


async def put_roll(tx: Transaction, urn: int, body: RollIn, caller: str) -> RollOut:
    """Store the pupils that were sent, each in place of what was known; return what became of them.

    A pupil who is not named stays as they were: nobody leaves a roll but by `left_on`. Of a UPN that is sent twice the last counts.
    """
    accepted: dict[str, PupilIn] = {}
    rejected: list[RollRejected] = []
    for sent in body.pupils:
        try:
            pupil_upn, pupil = _read(sent)
            check_pupil(pupil_upn, pupil)
        except ValidationError as error:
            rejected.append(RollRejected(upn=_shown(sent), reason=_reason(error)))
        except Invalid as trouble:
            rejected.append(RollRejected(upn=_shown(sent), reason=_sentence(str(trouble))))
        else:
            accepted[pupil_upn] = pupil
    async with all_rows_visible(tx):
        stored = await store_pupils(tx, urn, accepted, caller)
    # Two UPNs of one pupil are one pupil.
    pupils = {each.pupil_id: each for each in stored.values()}.values()
    changed = sum(each.changed for each in pupils)
    return RollOut(stored=changed, unchanged=len(pupils) - changed, released=sum(each.released for each in pupils), rejected=rejected)


def _read(sent: Mapping[str, Any]) -> tuple[str, PupilIn]:
    pupil = PupilIn.model_validate(sent)
    try:
        return _UPN.validate_python(sent.get("upn"), strict=True), pupil
    except ValidationError:
        raise Invalid("The UPN is not thirteen characters of the right shape.") from None


def _reason(error: ValidationError) -> str:
    # The place and the rule, never what was sent: that is about a person.
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return _sentence(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}")


def _sentence(words: str) -> str:
    return f"{words.removesuffix('.')}."


def _shown(sent: Mapping[str, Any]) -> str:
    named = sent.get("upn")
    return named[:50] if isinstance(named, str) else ""
