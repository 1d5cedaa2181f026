"""Lock a notice after its case, in the order in which everyone locks them."""

from dataclasses import replace
from uuid import UUID

from services.penalties.case_file.repository.cases import find_case
from services.penalties.case_file.repository.notices import N, find_notice
from services.penalties.case_file.use_cases.problems import NoticeNotFound
from shared.contracts.notifications import NoticeServed
from shared.database import Transaction


async def lock_notice(tx: Transaction, kind: type[N], notice_id: UUID) -> N:
    """Return a notice of this kind, locked after its case; raise NoticeNotFound."""
    seen = await find_notice(tx, kind, notice_id)
    if seen is not None:
        await find_case(tx, seen.case_id, lock=True)
        seen = await find_notice(tx, kind, notice_id, lock=True)
    if seen is None:
        raise NoticeNotFound
    return seen


async def lock_served_notice(tx: Transaction, kind: type[N], event: NoticeServed) -> N | None:
    """Return the notice that was served, locked, with the proof; None where it is of another kind, or a newer proof is stored."""
    try:
        notice = await lock_notice(tx, kind, event.notice_id)
    except NoticeNotFound:
        return None
    if notice.served_revision >= event.revision:
        return None
    return replace(notice, method=event.method, posted_on=event.posted_on, proof_id=event.proof_id, served_revision=event.revision)
