"""Medical evidence in the log of a case's child, whoever wrote it and wherever the child was, before a referral relies on its days."""

from services.penalties.case_file.domain.facts import Case
from services.penalties.case_file.domain.refusals import Refusals
from services.penalties.support.domain.completeness import LoggedEntry
from services.penalties.support.domain.medical import review_refusals
from services.penalties.support.repository.entries import log_of, steps_of
from shared.database import Transaction, all_rows_visible


async def evidence_refusals(tx: Transaction, case: Case) -> Refusals:
    """Return why a case cannot be referred yet: evidence about a session that counts in it, received and not reviewed."""
    async with all_rows_visible(tx):
        entries = [each for each in await log_of(tx, case.pupil_id) if each.content.kind == "medical-evidence"]
        steps = await steps_of(tx, [each.id for each in entries])
    log = [LoggedEntry(each.id, each.content, tuple(step for step in steps if step.entry_id == each.id), each.urn) for each in entries]
    return tuple(review_refusals(log, {each.date for each in (*case.sessions, *case.counting)}))
