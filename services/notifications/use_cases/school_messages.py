"""Messages to schools: what other services published about their pupils, and the questions about them."""

from collections.abc import Mapping
from uuid import UUID, uuid5

from services.notifications import repository
from services.notifications.use_cases.visibility import with_predecessors
from shared import clock
from shared.contracts.penalties import CaseDecided
from shared.contracts.thresholds import ThresholdApproaching, ThresholdMet
from shared.database import Transaction
from shared.database.paging import Listed, PageQuery
from shared.http import CallerInfo
from shared.ids import new_id
from shared.problems import Forbidden


async def add_message_of_approach(tx: Transaction, event: ThresholdApproaching) -> None:
    """Add a message, each time anew, that a pupil's absences have come near the threshold."""
    about = uuid5(event.pupil_id, f"threshold-approaching {event.revision}")
    await _add(tx, "threshold-approaching", about, event, {"count": event.count, "latest": event.latest.model_dump()})


async def add_message_of_threshold(tx: Transaction, event: ThresholdMet) -> None:
    """Add a message, once for each run, that a pupil has met the threshold."""
    facts = {
        "met_at": event.met_at.model_dump(),
        "window": event.window.model_dump(),
        "holiday": event.holiday,
        "count": len(event.sessions),
    }
    await _add(tx, "threshold-met", event.run_id, event, facts)


async def add_message_of_decision(tx: Transaction, event: CaseDecided) -> None:
    """Add a message of what the authority decided in a case, or how it answered a referral; none of the school's own decisions."""
    if event.decided_by_role == "school":
        return
    facts = event.model_dump(include={"case_id", "stage", "decision", "agreed", "recommendation", "decided_on", "decided_by_role"})
    await _add(tx, "case-decided", event.decision_id, event, facts)


async def list_messages(tx: Transaction, caller: CallerInfo, urn: int, page: PageQuery) -> Listed[repository.SchoolMessageRow]:
    """Return a school's messages, the newest first."""
    if not (await with_predecessors(tx, caller)).may_see_school(urn):
        raise Forbidden("This token is not for that school.")
    return await repository.school_messages_of(tx, urn, page, caller.la_code)


async def _add(
    tx: Transaction, kind: str, about: UUID, event: ThresholdApproaching | ThresholdMet | CaseDecided, facts: Mapping[str, object]
) -> None:
    message = repository.SchoolMessageRow(new_id(), kind, about, event.urn, event.la_code, event.pupil_id, facts, clock.now())
    await repository.add_school_message(tx, message)
