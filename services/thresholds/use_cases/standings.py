"""Where pupils stand, for callers who may see it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.thresholds.domain.counting import CountingSession
from services.thresholds.domain.explanation import Sentence, explain
from services.thresholds.domain.facts import Mark
from services.thresholds.domain.judgement import Judgement, Status
from services.thresholds.domain.pupils import Pupil, full_judgement, history_of, lost_marks_between, set_aside_of
from services.thresholds.domain.reasons import count_with_unresolved
from services.thresholds.domain.reliance import LossReason
from services.thresholds.repository import standings
from services.thresholds.repository.identities import present_upn, pupils_of
from services.thresholds.repository.marks import MarkRow, marks_between
from services.thresholds.repository.pupils import load_pupils
from services.thresholds.repository.rolls import ever_on_roll, last_day_on_roll
from services.thresholds.repository.runs import PublishedRunRow, published_runs
from services.thresholds.use_cases.judging import policies, schools_of
from shared import clock
from shared.attendance.identities import merged_records
from shared.attendance.successions import continued
from shared.database import Transaction
from shared.database.paging import Listed, PageQuery
from shared.http import CallerInfo
from shared.problems import Forbidden, NotFound


class PupilNotFound(NotFound):
    """No pupil has this number."""


@dataclass(frozen=True, slots=True)
class StandingFilter:
    """Which pupils to list, and from where on."""

    status: str | None
    urn: int | None
    la_code: str | None


@dataclass(frozen=True, slots=True)
class PupilStanding:
    """A pupil's judgement, the open run, and the count if reasons that are overdue were entered as O."""

    pupil_id: UUID
    upn: str | None
    run_id: UUID | None
    judgement: Judgement
    count_with_unresolved: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A pupil's status, and the sentences that explain it."""

    pupil_id: UUID
    upn: str | None
    status: Status
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class JudgedPeriod:
    """The marks of a period that have been judged, which of its sessions are set aside or lost, and the last revision of each run."""

    pupil_id: UUID
    marks: Sequence[MarkRow]
    set_aside: Sequence[CountingSession]
    lost: Sequence[tuple[Mark, LossReason]]
    runs: Sequence[PublishedRunRow]


async def own_pupil(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> bool:
    """Return whether a pupil is the caller's own: now or formerly on the roll of their schools, or of one that these continue, or in their area."""
    return await _reached(tx, caller, await pupils_of(tx, path["upn"])) is not None


async def _reached(tx: Transaction, caller: CallerInfo, pupil_ids: Sequence[UUID]) -> UUID | None:
    """Return the first of these pupils whom the caller reaches."""
    schools = await continued(tx, caller.schools) if caller.bound else None
    for each in pupil_ids:
        if await ever_on_roll(tx, each, schools=schools, la_code=None if caller.bound else caller.la_code):
            return each
    return None


async def read_threshold(tx: Transaction, upn: str, caller: CallerInfo) -> PupilStanding:
    """Return a pupil's threshold as it is judged now, and its count if reasons never established were entered as O.

    Any UPN that the pupil has or had will do; the answer names the present one. To a school that the pupil has left, it is the threshold of
    the last day on its roll: what came later is none of its business. Raise PupilNotFound.
    """
    pupil = await _load_by_upn(tx, upn, caller)
    if caller.bound:
        last = await last_day_on_roll(tx, pupil.id, await continued(tx, caller.schools), clock.today())
        pupil = pupil if last >= clock.today() else pupil.until(last)
    schools, unresolved = await schools_of(tx, [pupil]), None
    if pupil.roll:
        unresolved = count_with_unresolved(history_of(pupil, pupil.roll, schools), policies(), clock.today())
    judgement = full_judgement(pupil, schools, policies())
    return PupilStanding(pupil.id, await present_upn(tx, pupil.id), pupil.standing.run_id, judgement, unresolved)


async def read_judged(tx: Transaction, upn: str, first: date, last: date) -> JudgedPeriod:
    """Return what has been judged of a pupil's marks in a period. Raise PupilNotFound."""
    pupil = await _load_by_upn(tx, upn)
    schools = await schools_of(tx, [pupil])
    return JudgedPeriod(
        pupil.id,
        await marks_between(tx, [pupil.id, *await merged_records(tx, [pupil.id])], first, last),
        [each for each in set_aside_of(pupil, schools, policies()) if first <= each.session.date <= last],
        lost_marks_between(pupil, schools.years, first, last),
        await published_runs(tx, pupil.id),
    )


async def explain_threshold(tx: Transaction, upn: str, caller: CallerInfo) -> Explanation:
    """Return a pupil's threshold as `read_threshold` does, and in plain sentences."""
    found = await read_threshold(tx, upn, caller)
    judgement, unresolved, more = found.judgement, found.count_with_unresolved, []
    if unresolved is not None:
        named = judgement.named
        law = policies()(named.la_code if named else "")
        more.append(law.at("reason_school_days", clock.today()).finding("shown as if entered", count=unresolved))
    return Explanation(found.pupil_id, found.upn, judgement.status, explain(judgement, more))


async def list_standings(tx: Transaction, caller: CallerInfo, wanted: StandingFilter, page: PageQuery) -> Listed[PupilStanding]:
    """Return where pupils stand who are on a roll that the caller may see: those who met the threshold first."""
    own = await continued(tx, caller.schools) if caller.bound else None
    if wanted.urn is not None and own is not None and wanted.urn not in own:
        raise Forbidden("This token is not for that school.")
    found = await standings.list_standings(
        tx,
        status=wanted.status,
        schools=own if wanted.urn is None else [wanted.urn],
        la_code=authority_of(caller, wanted.la_code),
        today=clock.today(),
        page=page,
    )
    judged = await judgements(tx, [row.id for row in found.rows])
    return found.with_rows([PupilStanding(row.id, row.upn, row.run_id, judged[row.id]) for row in found.rows])


async def judgements(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Judgement]:
    """Return the judgements of these pupils by the stored facts, with the sessions set aside."""
    pupils = await load_pupils(tx, ids, await merged_records(tx, ids), with_set_aside=True)
    schools, packs = await schools_of(tx, pupils), policies()
    return {pupil.id: full_judgement(pupil, schools, packs) for pupil in pupils}


def authority_of(caller: CallerInfo, la_code: str | None) -> str | None:
    """Return the authority to look at: the one asked for, within the caller's own. Raise Forbidden."""
    if caller.la_code and la_code not in {None, caller.la_code}:
        raise Forbidden("This token is not for that authority.")
    return la_code or caller.la_code


async def _load_by_upn(tx: Transaction, upn: str, caller: CallerInfo | None = None) -> Pupil:
    """Return the pupil who has a UPN; or the one for whom it is asserted, to a caller who reaches that one alone."""
    found = await pupils_of(tx, upn)
    if not found:
        raise PupilNotFound
    narrowed = caller is not None and len(found) > 1 and (caller.bound or caller.la_code is not None)
    pupil_id = (await _reached(tx, caller, found) if caller and narrowed else None) or found[0]
    (pupil,) = await load_pupils(tx, [pupil_id], await merged_records(tx, [pupil_id]), with_set_aside=True)
    return pupil
