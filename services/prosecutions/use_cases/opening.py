"""Opening a draft file, or bringing it up to date: for an unpaid notice, or for a referral that the authority agreed to."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from pydantic import TypeAdapter

from services.prosecutions import repository
from services.prosecutions.domain.chronology import Step, step_of_issue, steps_of_case, steps_of_payment, steps_of_sessions
from services.prosecutions.domain.evidence import Case, OverdueNotice
from services.prosecutions.domain.files import CourtFile, draft
from services.prosecutions.domain.holds import changed_mark
from services.prosecutions.use_cases.holds import hold_where_serving_changed
from shared import clock
from shared.attendance.law import NATIONAL
from shared.contracts.penalties import CaseDecided, PaymentOverdue
from shared.contracts.prosecutions import ProsecutionFileOpened
from shared.database import Transaction
from shared.http.access import ROLES
from shared.ids import derived_id
from shared.messaging import publish

_CASE = TypeAdapter(Case)
_NOTICE = TypeAdapter(OverdueNotice)


@dataclass(frozen=True, slots=True)
class Opening:
    """A file as it is opened, and the steps of its chronology until then."""

    file: CourtFile
    steps: tuple[Step, ...]

    def under(self, file_id: UUID) -> "Opening":
        """Return the same with another id of the file."""
        return replace(self, file=replace(self.file, id=file_id))


async def open_for_unpaid_notice(tx: Transaction, event: PaymentOverdue) -> None:
    """Open the file of a notice that was not paid by its last day, unless it is paid or withdrawn.

    A draft that is there already is brought up to date where the notice turned out to have been received later than was known.
    """
    await repository.lock_pupil(tx, event.pupil_id)
    if event.revision is not None:
        await repository.store_payable(tx, event.notice_id, event.revision, None)
    if (await repository.notice_state(tx, event.notice_id)).ended:
        return
    opening = opening_of_notice(event, derived_id(event.notice_id, "file"), clock.today())
    before = await repository.lock_file_of_notice(tx, event.notice_id)
    if before is None:
        await _open(tx, opening)
        await hold_where_serving_changed(tx, event.notice_id)
    elif (
        before.status == "draft"
        and before.notice
        and (notice := opening.file.notice)
        and before.notice.served.proof_id != notice.served.proof_id
    ):
        await repository.update_notice(tx, before.id, notice, opening.file.findings)
        await repository.add_steps(tx, before.id, *steps_of_payment(notice))


async def open_for_referral(tx: Transaction, event: CaseDecided) -> None:
    """Open a file for each parent whose prosecution, without a penalty notice, the authority agreed to."""
    if not refers_to_court(event):
        return
    await repository.lock_pupil(tx, event.pupil_id)
    for opening in openings_of_referral(event, clock.today(), event.parent_ids):
        await _open(tx, opening)


def refers_to_court(event: CaseDecided) -> bool:
    """Return whether an event is the authority's agreement to a prosecution."""
    return event.stage == "agreement" and bool(event.agreed) and event.recommendation == "prosecution"


def opening_of_notice(event: PaymentOverdue, file_id: UUID, opened_on: date) -> Opening:
    """Return the file of an unpaid notice as it is opened."""
    case, notice = _CASE.validate_python(event.model_dump()), _NOTICE.validate_python(event.model_dump())
    file = draft(file_id, case, event.parent_id, opened_on, NATIONAL, notice=notice, notice_id=event.notice_id)
    return Opening(file, (*steps_of_case(case, ROLES), step_of_issue(notice), *steps_of_payment(notice)))


def openings_of_referral(event: CaseDecided, opened_on: date, parent_ids: Iterable[UUID]) -> list[Opening]:
    """Return the file against each of these parents as it is opened on a referral."""
    agreed = Step(event.decided_on, "The authority agrees to a prosecution", ROLES.get(event.decided_by_role, event.decided_by_role))
    case_of_all = _CASE.validate_python(event.model_dump())
    found = []
    for parent_id in parent_ids:
        case, file_id = case_of_all.against(parent_id), derived_id(event.decision_id, "file", parent_id)
        file = draft(file_id, case, parent_id, opened_on, NATIONAL, decision_id=event.decision_id)
        found.append(Opening(file, (*steps_of_case(case, ROLES), agreed)))
    return found


async def _open(tx: Transaction, opening: Opening) -> None:
    if await store_file(tx, opening):
        await publish(tx, ProsecutionFileOpened.of(opening.file, file_id=opening.file.id, agreement_id=opening.file.decision_id))


async def store_file(tx: Transaction, opening: Opening) -> bool:
    """Store a file with its chronology, held where a mark changed meanwhile; return False where there is one for the same."""
    file = opening.file
    if not await repository.add_file(tx, file):
        return False
    opened = Step(file.opened_on, "Draft file opened")
    await repository.add_steps(tx, file.id, *steps_of_sessions(file.sessions), *opening.steps, opened)
    await _hold_where_marks_changed(tx, file)
    return True


async def _hold_where_marks_changed(tx: Transaction, file: CourtFile) -> None:
    """Hold a new file where a mark changed before the file was there to be held."""
    versions = {(each.urn, each.date, each.session): each.version for each in file.sessions}
    for change in await repository.mark_changes_of(tx, file.pupil_id):
        if change.version > versions.get((change.urn, change.date, change.session), change.version):
            cause = changed_mark(change.urn, change.date, change.session, change.version)
            await repository.add_hold(tx, file.id, cause, file.opened_on)
