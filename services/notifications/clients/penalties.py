"""Notices with everything that their letters print, from `penalties`, when a letter is made."""

from uuid import UUID

from services.notifications.domain.notices import NoticeToImprove, PenaltyNotice
from shared.http import ServiceClient

PENALTIES = ServiceClient("penalties")


async def ask_notice_to_improve(notice_id: UUID) -> NoticeToImprove:
    """Return a Notice to Improve; raise NotFound, Unavailable or IncompleteResponse."""
    return await PENALTIES.read(f"/v1/notices-to-improve/{notice_id}", NoticeToImprove)


async def ask_penalty_notice(notice_id: UUID) -> PenaltyNotice:
    """Return a penalty notice; raise NotFound, Unavailable or IncompleteResponse."""
    return await PENALTIES.read(f"/v1/penalty-notices/{notice_id}", PenaltyNotice)
