"""Letters, exactly as they were sent."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.console.visit import Visit

router = APIRouter()


@router.get("/letters/{letter_id}.pdf")
async def show_letter(visit: Visit, letter_id: UUID) -> Response:
    """The file that was posted."""
    return await visit.services.document("notifications", f"/v1/letters/{letter_id}.pdf", f"letter-{letter_id}.pdf")
