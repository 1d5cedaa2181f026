"""A notice rests on the register as it stands when it is issued, not on what happens to have arrived."""

import asyncio
from datetime import timedelta
from uuid import UUID

from services.penalties.clients import registers, thresholds
from services.penalties.domain.evidence import not_heard, not_judged
from services.penalties.domain.facts import Session
from services.penalties.domain.penalty_notices import check_period
from services.penalties.domain.tariff import OffencePeriod
from services.penalties.repository import cases, projections
from services.penalties.use_cases.dossiers import load_case
from services.penalties.use_cases.problems import EvidenceOnItsWay
from services.penalties.use_cases.statutes import law_of
from shared import clock
from shared.database import Database

PATIENCE = timedelta(seconds=10)
"""How long a request waits for marks that are on their way: they take a fraction of a second, and a person is waiting too."""
LOOK_AGAIN = 0.05
"""Seconds."""


async def settle_evidence(database: Database, case_id: UUID, offence: OffencePeriod) -> tuple[Session, ...]:
    """Return what is set aside of an offence period, when every mark that the register holds of it now has been judged and the judgement has arrived.

    Events take a moment: a notice issued meanwhile would silently miss sessions, or rest on a mark that was amended. Raises
    EvidenceOnItsWay where it takes longer, as it does while an event of the pupil waits for a person, and at once where no notice
    can be issued for such a period. Nothing is held while waiting.
    """
    async with database.begin() as tx:
        case = await load_case(tx, case_id)
        check_period(law_of(case.la_code), offence, clock.today())
        upn = await projections.upn_of(tx, case.pupil_id)
    if upn is None:
        raise EvidenceOnItsWay("The pupil's roll has not arrived yet.")
    marks = await registers.marks_of(upn, offence.start, offence.end)
    patient_until = clock.now() + PATIENCE
    while True:
        judged = await thresholds.judged_of(upn, offence.start, offence.end)
        async with database.begin() as tx:
            heard = await cases.heard_of(tx, judged.runs)
        late = not_judged(marks, judged)
        if not late and not not_heard(heard, judged):
            return judged.set_aside
        if clock.now() > patient_until:
            raise EvidenceOnItsWay(sessions=[f"{day} {half}" for _, day, half in late])
        await asyncio.sleep(LOOK_AGAIN)
