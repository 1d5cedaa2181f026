"""What stops a notice, and how an officer lets it go on."""

from datetime import date
from typing import Any
from uuid import UUID

from services.penalties.case_file.repository.cases import case_row
from services.penalties.case_file.repository.holds import hold_rows
from services.penalties.case_file.repository.notices import improvement_notice_row, penalty_notice_row
from services.penalties.case_file.use_cases.problems import CaseNotFound, NoticeNotFound, Refused, require
from services.penalties.holds.domain import Hold, clearance_refusals
from services.penalties.holds.repository import clear_holds, insert_hold, set_held
from shared import clock
from shared.contracts.notifications import LetterReturned
from shared.contracts.thresholds import ReliedOnMarkChanged
from shared.database import Transaction
from shared.http import CallerInfo
from shared.ids import new_id


class ClearanceRefused(Refused):
    """This cannot be cleared now."""


ENDED = frozenset({"cancelled", "withdrawn"})


async def hold_for_changed_mark(tx: Transaction, event: ReliedOnMarkChanged) -> None:
    """Stop every notice that relies on a session whose mark changed, or that is none of the pupil's any more."""
    change = {
        "date": event.date.isoformat(),
        "session": event.session,
        "urn": event.urn,
        "previous_code": event.previous_code,
        "code": event.code,
        "previous_version": event.previous_version,
        "version": event.version,
        **({"lost": event.lost} if event.lost else {}),
    }
    what = f"{event.lost or event.version} {event.loss_id}" if event.loss_id else event.lost or event.version
    subject = f"mark {event.date} {event.session} {event.urn} {what}"
    for reliance in event.relied_on_by:
        await _hold(tx, reliance.id, "mark-changed", subject, change)


async def hold_for_returned_letter(tx: Transaction, event: LetterReturned) -> None:
    """Stop the notice whose letter came back: that it was received is no longer presumed."""
    found = await _notice(tx, event.notice_id)
    proof_id = str(found[1].proof_id) if found and found[1].proof_id else None
    change = {"letter_id": str(event.letter_id), "returned_on": event.returned_on.isoformat(), "proof_id": proof_id}
    await _hold(tx, event.notice_id, "letter-returned", f"letter {event.letter_id}", change)


async def _hold(tx: Transaction, about: UUID, cause: str, subject: str, change: dict[str, Any]) -> None:
    found = await _notice(tx, about)
    if found is None:
        # Another service's: a court file holds itself.
        return
    await case_row(tx, found[1].case_id, lock=True)
    kind, row = await _notice(tx, about) or found
    if row.status in ENDED:
        return
    hold = {
        "id": new_id(),
        "case_id": row.case_id,
        "about": about,
        "about_kind": kind,
        "cause": cause,
        "subject": subject,
        "change": change,
        "held_on": clock.today(),
    }
    if await insert_hold(tx, hold):
        await set_held(tx, about, held=True)


async def clear(tx: Transaction, caller: CallerInfo, case_id: UUID, *, about: UUID, reason: str) -> dict[str, Any]:
    """Let one notice go on, or with the case's own id every one of the case, by a named officer who gives a reason."""
    person = caller.person()
    if await case_row(tx, case_id, lock=True) is None:
        raise CaseNotFound
    if about != case_id:
        found = await _notice(tx, about)
        if found is None or found[1].case_id != case_id:
            raise NoticeNotFound("There is no such notice in this case.")
    open_holds = [row for row in await hold_rows(tx, case_id) if row.cleared_on is None and about in {row.about, case_id}]
    require(clearance_refusals([await _hold_of(tx, row) for row in open_holds]), ClearanceRefused)
    cleared = {"cleared_on": clock.today(), "cleared_at": clock.now(), "cleared_by": person, "cleared_by_role": caller.role}
    await clear_holds(tx, [row.id for row in open_holds], **cleared, cleared_reason=reason)
    for notice_id in {row.about for row in open_holds}:
        await set_held(tx, notice_id, held=False)
    return {**cleared, "about": about, "cleared": len(open_holds)}


async def _hold_of(tx: Transaction, row: Any) -> Hold:
    found = await _notice(tx, row.about)
    returned_on = row.change.get("returned_on")
    if found is None or found[1].status in ENDED or returned_on is None:
        return Hold(row.id, row.about, row.cause)
    served_again = found[1].proof_id is not None and str(found[1].proof_id) != row.change["proof_id"]
    return Hold(row.id, row.about, row.cause, date.fromisoformat(returned_on), served_again)


async def _notice(tx: Transaction, notice_id: UUID) -> tuple[str, Any] | None:
    if row := await improvement_notice_row(tx, notice_id):
        return "notice-to-improve", row
    if row := await penalty_notice_row(tx, notice_id):
        return row.kind, row
    return None
