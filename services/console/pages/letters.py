"""Letters, exactly as they were sent."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.console.context import Context

router = APIRouter()


@router.get("/letters/{letter_id}.pdf")
async def show_letter(context: Context, letter_id: UUID) -> Response:
    """The file that was posted."""
    return await context.services.document("notifications", f"/v1/letters/{letter_id}.pdf", f"letter-{letter_id}.pdf")
