"""A notice or a referral rests on the register as it stands when it is issued or agreed to, not on what happens to have arrived."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

from services.penalties.case_file.domain.sessions import OffencePeriod
from services.penalties.case_file.repository.cases import find_case, run_revisions
from services.penalties.case_file.use_cases.problems import CaseNotFound
from services.penalties.evidence import clients
from services.penalties.evidence.domain import ThresholdView, check_period, runs_behind, unjudged_marks
from services.penalties.law import law_of
from services.penalties.projections.repository import upn_of
from shared import clock
from shared.database import Database
from shared.problems import Unavailable


class EvidenceOnItsWay(Unavailable):
    """The register holds marks of the days concerned that have not been judged yet."""


LONGEST_WAIT = timedelta(seconds=10)
"""How long a request waits for marks that are on their way: they take a fraction of a second, and a person is waiting too."""
PAUSE_SECONDS = 0.05


async def wait_for_evidence(database: Database, case_id: UUID, offence: OffencePeriod) -> ThresholdView:
    """Return what has been judged of an offence period, once that is every mark in the register now and the judgement has arrived.

    Events take a moment: a notice issued meanwhile would silently miss sessions, or rest on a mark that was amended. Raises
    EvidenceOnItsWay where it takes longer, as it does while an event of the pupil waits for a person, and at once where no notice
    can be issued for such a period. Nothing is locked while waiting.
    """
    async with database.begin() as tx:
        case = await find_case(tx, case_id)
        if case is None:
            raise CaseNotFound
        check_period(law_of(case.la_code), offence, clock.today())
        upn = await upn_of(tx, case.pupil_id)
    return await wait_for_period(database, upn, offence.start, offence.end)


async def wait_for_period(database: Database, upn: str | None, first: date, last: date) -> ThresholdView:
    """Return what has been judged of a period, once it is all that stood in the register when it was asked; raise EvidenceOnItsWay."""
    if upn is None:
        raise EvidenceOnItsWay("The pupil's roll has not arrived yet.")
    marks = await clients.marks_of(upn, first, last)
    patient_until = clock.now() + LONGEST_WAIT
    while True:
        view = await clients.threshold_view(upn, first, last)
        async with database.begin() as tx:
            arrived = await run_revisions(tx, view.runs)
        late = unjudged_marks(marks, view)
        if not late and not runs_behind(arrived, view):
            return view
        if clock.now() > patient_until:
            raise EvidenceOnItsWay(sessions=list(dict.fromkeys(f"{key.date} {key.session}" for key in late)))
        await asyncio.sleep(PAUSE_SECONDS)
