"""What stops a notice, and how an officer lets it go on."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.penalties.case_file.domain.holds import Cause, Hold, MarkChange, ReturnedLetter
from services.penalties.case_file.repository.cases import find_case
from services.penalties.case_file.repository.holds import holds_of
from services.penalties.case_file.repository.notices import find_any_notice
from services.penalties.case_file.use_cases.problems import CaseNotFound, NoticeNotFound, Refused, require
from services.penalties.holds.domain import ENDED, clearance_refusals
from services.penalties.holds.repository import add_hold, set_held, store_clearance
from shared import clock
from shared.contracts.notifications import LetterReturned
from shared.contracts.thresholds import ReliedOnMarkChanged
from shared.database import Transaction
from shared.http import CallerInfo
from shared.ids import new_id


class ClearanceRefused(Refused):
    """This cannot be cleared now."""


@dataclass(frozen=True, slots=True)
class Clearance:
    """What was cleared (a notice, or a whole case), how many holds, and by whom."""

    about: UUID
    cleared: int
    cleared_on: date
    cleared_by: str
    cleared_by_role: str


async def hold_for_changed_mark(tx: Transaction, event: ReliedOnMarkChanged) -> None:
    """Stop every notice that relies on a session whose mark changed, or that is none of the pupil's any more."""
    change = MarkChange(
        event.date, event.session, event.urn, event.previous_code, event.code, event.previous_version, event.version, event.why_lost
    )
    what = f"{event.why_lost or event.version} {event.loss_id}" if event.loss_id else event.why_lost or event.version
    subject = f"mark {event.date} {event.session} {event.urn} {what}"
    for reliance in event.relied_on_by:
        await _hold(tx, reliance.id, "mark-changed", subject, change)


async def hold_for_returned_letter(tx: Transaction, event: LetterReturned) -> None:
    """Stop the notice whose letter came back: that it was received is no longer presumed."""
    notice = await find_any_notice(tx, event.notice_id)
    letter = ReturnedLetter(event.letter_id, event.returned_on, notice.proof_id if notice else None)
    await _hold(tx, event.notice_id, "letter-returned", f"letter {event.letter_id}", letter)


async def _hold(tx: Transaction, about: UUID, cause: Cause, subject: str, change: MarkChange | ReturnedLetter) -> None:
    found = await find_any_notice(tx, about)
    if found is None:
        # Another service's: a court file holds itself.
        return
    await find_case(tx, found.case_id, lock=True)
    notice = await find_any_notice(tx, about) or found
    if notice.status in ENDED:
        return
    hold = Hold(
        id=new_id(),
        case_id=notice.case_id,
        about=about,
        about_kind=notice.kind,
        cause=cause,
        subject=subject,
        change=change,
        held_on=clock.today(),
    )
    if await add_hold(tx, hold):
        await set_held(tx, about, held=True)


async def clear(tx: Transaction, caller: CallerInfo, case_id: UUID, *, about: UUID, reason: str) -> Clearance:
    """Let one notice go on, or with the case's own id every one of the case, by a named officer who gives a reason."""
    person, today = caller.person(), clock.today()
    if await find_case(tx, case_id, lock=True) is None:
        raise CaseNotFound
    if about != case_id:
        notice = await find_any_notice(tx, about)
        if notice is None or notice.case_id != case_id:
            raise NoticeNotFound("There is no such notice in this case.")
    holds = [hold for hold in await holds_of(tx, case_id) if hold.cleared_on is None and about in {hold.about, case_id}]
    stopped = {hold.about for hold in holds}
    notices = {notice_id: notice for notice_id in stopped if (notice := await find_any_notice(tx, notice_id))}
    require(clearance_refusals(holds, notices), ClearanceRefused)
    await store_clearance(tx, [hold.id for hold in holds], today, clock.now(), person, caller.role, reason)
    for notice_id in stopped:
        await set_held(tx, notice_id, held=False)
    return Clearance(about, len(holds), today, person, caller.role)
