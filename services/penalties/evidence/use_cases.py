"""A notice or a referral rests on the register as it stands when it is issued or agreed to, not on what happens to have arrived."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from services.penalties.case_file.domain.sessions import OffencePeriod
from services.penalties.case_file.repository.cases import RUNS, find_case, run_revisions
from services.penalties.case_file.use_cases.problems import CaseNotFound
from services.penalties.evidence import clients
from services.penalties.evidence.domain import ThresholdView, check_period, runs_behind, unjudged_marks
from services.penalties.law import law_of
from services.penalties.projections.repository import undisputed_upn_of
from shared import clock
from shared.database import ALL_ROWS, Database
from shared.database.bells import wait_for_any
from shared.problems import Unavailable


class EvidenceOnItsWay(Unavailable):
    """The register holds marks of the days concerned that have not been judged yet."""


LONGEST_WAIT = timedelta(seconds=10)
"""How long a request waits for marks that are on their way: they take a fraction of a second, and a person is waiting too."""
BETWEEN_QUESTIONS = 0.25
"""Seconds from one question about a pupil to the next, however many wait for the answer."""
BETWEEN_LOOKS = 0.1
"""Seconds from one look at what has arrived here to the next, where no bell is rung: in a process that consumes no events."""


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
        upn = await undisputed_upn_of(tx, case.pupil_id)
    return await wait_for_period(database, upn, offence.start, offence.end)


async def wait_for_period(database: Database, upn: str | None, first: date, last: date) -> ThresholdView:
    """Return what has been judged of a period, once it is all that stood in the register when it was asked; raise EvidenceOnItsWay."""
    if upn is None:
        raise EvidenceOnItsWay("The pupil's roll has not arrived yet.")
    marks = await clients.marks_of(upn, first, last)
    patient_until = clock.now() + LONGEST_WAIT
    while True:
        judged = await _next_answer(database, upn, first, last)
        late = unjudged_marks(marks, judged.view)
        if not late and not runs_behind(judged.arrived, judged.view):
            return judged.view.within(first, last)
        if clock.now() > patient_until:
            raise EvidenceOnItsWay(sessions=list(dict.fromkeys(f"{key.date} {key.session}" for key in late)))


@dataclass(frozen=True, slots=True)
class _Answer:
    """What has been judged of a pupil, and which revision of each run has arrived here."""

    view: ThresholdView
    arrived: Mapping[UUID, int]


class _Question:
    """The question what has been judged of one pupil: asked once for all who wait, again while somebody does, a few times a second."""

    def __init__(self, database: Database, upn: str) -> None:
        self._database = database.visible_to(ALL_ROWS)  # for whoever waits: nothing of it is shown
        self._upn = upn
        self._next: asyncio.Future[_Answer] | None = None
        self._days: list[date] = []
        self.asking = asyncio.create_task(self._ask())

    async def answer(self, first: date, last: date) -> _Answer:
        """Return the answer to the next question, which has not been asked yet, about these days and perhaps others."""
        self._next = self._next or asyncio.get_running_loop().create_future()
        self._days += (first, last)
        return await asyncio.shield(self._next)  # one who gives up takes it from no other

    async def _ask(self) -> None:
        while self._next is not None:
            answer, days = self._next, self._days
            self._next, self._days = None, []
            until = asyncio.get_running_loop().time() + BETWEEN_QUESTIONS
            try:
                answer.set_result(await self._judged(min(days), max(days), until))
            except Exception as error:  # noqa: BLE001 -- it is raised by everybody who waits
                answer.set_exception(error)
                answer.exception()  # also where nobody waits any more
            await asyncio.sleep(until - asyncio.get_running_loop().time())

    async def _judged(self, first: date, last: date, until: float) -> _Answer:
        """Return what has been judged; where the judgement has not arrived here, not before it has or the next question is due."""
        view = await clients.threshold_view(self._upn, first, last)
        with self._database.bells.listening(RUNS) as rung:
            while True:
                rung.clear()
                async with self._database.begin() as tx:
                    arrived = await run_revisions(tx, view.runs)
                rest = until - asyncio.get_running_loop().time()
                if rest <= 0 or not runs_behind(arrived, view):
                    return _Answer(view, arrived)
                await wait_for_any(min(rest, BETWEEN_LOOKS), rung)


_questions: dict[tuple[AsyncEngine, str], _Question] = {}
"""By database and UPN, while somebody waits for the answer."""


async def _next_answer(database: Database, upn: str, first: date, last: date) -> _Answer:
    key = (database.engine, upn)
    question = _questions.get(key)
    if question is None or question.asking.done():
        question = _questions[key] = _Question(database, upn)
        question.asking.add_done_callback(lambda _task: _questions.pop(key, None) if _questions.get(key) is question else None)
    return await question.answer(first, last)
