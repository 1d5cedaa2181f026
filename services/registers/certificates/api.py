"""The data of attendance certificates."""

from typing import Annotated

from fastapi import Query

from services.registers.certificates import use_cases
from services.registers.certificates.schemas import CertificateOut, Instant
from services.registers.fields import CivilDate
from services.registers.pupils.use_cases.access import own_pupil
from shared.http import Caller, Router, Tx, Upn, Urn, allow
from shared.http.access import OFFICERS

router = Router(tags=["pupils"])


@router.get("/pupils/{upn}/certificate")
@allow(*OFFICERS, "mis", "school", "accredited", "service", guard=own_pupil)
async def read_certificate(
    tx: Tx,
    caller: Caller,
    upn: Upn,
    urn: Annotated[Urn, Query(description="The school that certifies")],
    first: Annotated[CivilDate, Query(alias="from")],
    last: Annotated[CivilDate, Query(alias="to")],
    as_at: Annotated[Instant | None, Query(description="Instant at which the marks stood so; default: now. Without a zone: London")] = None,
) -> CertificateOut:
    """What a school can certify about a pupil's attendance in a period (Education Act 1996 s.566).

    Sessions possible, attended and missed, with and without authority, and each session missed without authority with its code and
    version as they stood at an instant. Sessions that were not possible are counted apart; marks outside the school's sessions or the
    pupil's roll are shown apart and counted nowhere.
    """
    return CertificateOut.model_validate(await use_cases.read_certificate(tx, caller, upn, urn, first, last, as_at))
