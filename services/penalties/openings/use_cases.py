"""Open a case by hand."""

from dataclasses import dataclass

from services.penalties.case_file.domain.facts import Case
from services.penalties.case_file.repository.cases import add_case, lock_pupil
from services.penalties.case_file.use_cases.access import visible_to
from services.penalties.case_file.use_cases.matters import judge_matters
from services.penalties.case_file.use_cases.problems import Refused, require
from services.penalties.law import law_of
from services.penalties.openings import clients
from services.penalties.openings.domain import CaseKind, Opening, Standing, case_by_hand, opening_refusals
from services.penalties.openings.repository import RollOfPupil, rolls_of
from services.penalties.projections.repository import undisputed_upn_of
from shared import clock
from shared.contracts.penalties import CaseOpened
from shared.database import Database, Transaction
from shared.http import CallerInfo
from shared.ids import derived_id, new_id
from shared.messaging import publish
from shared.problems import Forbidden, Invalid, NotFound


class PupilNotFound(NotFound):
    """No pupil with this number is on the roll of that school today."""


class CaseNotOpened(Refused):
    """No case can be opened by hand now."""


class ExclusionWithoutSteps(Invalid):
    """A case of an excluded pupil cannot be opened yet."""


@dataclass(frozen=True, slots=True)
class Request:
    """Whom a case is to be about, at which school, and why."""

    upn: str
    urn: int
    reason: str
    kind: CaseKind


async def ask_standing(database: Database, caller: CallerInfo, request: Request) -> Standing:
    """Return what counts against a pupil, asked before anything is locked.

    Raises Forbidden, ExclusionWithoutSteps, PupilNotFound, Unavailable.
    """
    caller.person()
    if request.kind == "exclusion":
        raise ExclusionWithoutSteps("The steps of a notice to the parent of an excluded pupil are not there yet: choose `attendance`.")
    async with database.begin() as tx:
        roll = await _roll(tx, caller, request)
        upn = await undisputed_upn_of(tx, roll.pupil_id)
    return await clients.standing_of(upn or request.upn)


async def open_by_hand(tx: Transaction, caller: CallerInfo, request: Request, standing: Standing) -> Case:
    """Open a case at a school that has the pupil on its roll, beside any other; `standing` is what `ask_standing` found.

    It has a run of its own, which thresholds knows nothing of.
    """
    person, today = caller.person(), clock.today()
    roll = await _roll(tx, caller, request)
    await lock_pupil(tx, roll.pupil_id)
    law = law_of(roll.la_code)
    require(opening_refusals(standing, law, today), CaseNotOpened)
    run_id = new_id()
    opening = Opening(
        case_id=derived_id(run_id, "case"),
        run_id=run_id,
        pupil_id=roll.pupil_id,
        urn=roll.urn,
        la_code=roll.la_code,
        opened_on=today,
        reason=request.reason,
        by=person,
        role=caller.role,
    )
    case = case_by_hand(opening, standing, law)
    await add_case(tx, case)
    await publish(tx, CaseOpened.of(case, case_id=case.id))
    await judge_matters(tx, case.id)
    return case


async def _roll(tx: Transaction, caller: CallerInfo, request: Request) -> RollOfPupil:
    """Return the roll by which the case is the school's; raise Forbidden where it is not the caller's, existing or not."""
    visible = await visible_to(tx, caller, request.urn)
    found = [each for each in await rolls_of(tx, request.upn, visible.today) if each.urn == request.urn]
    own = [each for each in found if visible.la_code in {None, each.la_code}]
    if not own and caller.narrowed:
        raise Forbidden("This token does not reach that pupil at that school.")
    if not own:
        raise PupilNotFound
    return own[0]
