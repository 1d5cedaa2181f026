"""A notice or a referral rests on the register as it stands when it is issued or agreed to, not on what happens to have arrived."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from services.penalties.clients import registers, thresholds
from services.penalties.domain.cases import referral_period
from services.penalties.domain.evidence import Judged, not_heard, not_judged
from services.penalties.domain.penalty_notices import check_period
from services.penalties.domain.tariff import OffencePeriod
from services.penalties.repository import cases, projections
from services.penalties.use_cases.dossiers import load_case
from services.penalties.use_cases.problems import CaseNotFound, EvidenceOnItsWay
from services.penalties.use_cases.statutes import law_of
from shared import clock
from shared.database import Database
from shared.http import CallerInfo

PATIENCE = timedelta(seconds=10)
"""How long a request waits for marks that are on their way: they take a fraction of a second, and a person is waiting too."""
LOOK_AGAIN = 0.05
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The days that a direct referral rests on, and what has been judged of them."""

    first: date
    last: date
    judged: Judged


async def settle_evidence(database: Database, case_id: UUID, offence: OffencePeriod) -> Judged:
    """Return what has been judged of an offence period, when it is every mark that the register holds of it now and the judgement has arrived.

    Events take a moment: a notice issued meanwhile would silently miss sessions, or rest on a mark that was amended. Raises
    EvidenceOnItsWay where it takes longer, as it does while an event of the pupil waits for a person, and at once where no notice
    can be issued for such a period. Nothing is held while waiting.
    """
    async with database.begin() as tx:
        case = await cases.case_row(tx, case_id)
        if case is None:
            raise CaseNotFound
        check_period(law_of(case.la_code), offence, clock.today())
        upn = await projections.upn_of(tx, case.pupil_id)
    return await _settle(database, upn, offence.start, offence.end)


async def settle_referral(database: Database, caller: CallerInfo, case_id: UUID) -> Settled | None:
    """Return what a direct referral of a case to court rests on, once what the register holds of them is settled in the same way.

    None where there is nothing to refer: the agreement is refused for its own reasons. Nobody waits who may not agree at all.
    """
    caller.person()
    async with database.begin() as tx:
        case = await load_case(tx, case_id)
        period = referral_period(case, clock.today())
        upn = await projections.upn_of(tx, case.pupil_id)
    return Settled(*period, await _settle(database, upn, *period)) if period is not None else None


async def _settle(database: Database, upn: str | None, first: date, last: date) -> Judged:
    """Return what has been judged of a period, once it is all that the register held of it when asked; raise EvidenceOnItsWay."""
    if upn is None:
        raise EvidenceOnItsWay("The pupil's roll has not arrived yet.")
    marks = await registers.marks_of(upn, first, last)
    patient_until = clock.now() + PATIENCE
    while True:
        judged = await thresholds.judged_of(upn, first, last)
        async with database.begin() as tx:
            heard = await cases.heard_of(tx, judged.runs)
        late = not_judged(marks, judged)
        if not late and not not_heard(heard, judged):
            return judged
        if clock.now() > patient_until:
            raise EvidenceOnItsWay(sessions=list(dict.fromkeys(f"{place.date} {place.session}" for place in late)))
        await asyncio.sleep(LOOK_AGAIN)
