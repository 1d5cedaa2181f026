"""Let a service of a running product publish what it holds again, piece by piece, with progress."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from pydantic import JsonValue
from rich.console import Console

from attendance.http import Product, Refused
from services.registers.pupils.schemas.pupils import IdentityOut
from shared.http.state import StatePublished


async def publish_again(
    console: Console,
    service: str,
    by: str,
    *,
    period: tuple[date | None, date | None] = (None, None),
    school: int | None = None,
    pupil: str | None = None,
) -> int:
    """Publish a service's state again, of a period, a school or a pupil where they are named; return an exit code.

    Ended in the middle it can be run again: readers do nothing about what they have.
    """
    first, last = period
    asked: dict[str, str | int | None] = {
        "from": first.isoformat() if first else None,
        "to": last.isoformat() if last else None,
        "school": school,
    }
    kinds: dict[str, int] = {}
    try:
        async with Product() as product:
            if pupil:
                asked["pupil_id"] = str(await _id_of(product, pupil))
            body: dict[str, JsonValue] = {name: value for name, value in asked.items() if value is not None}
            with console.status(f"{service}: publishing its state again") as status:
                while True:
                    answer = await product.request("POST", service, "/v1/state-publications", body, role="operations", name=by)
                    piece = StatePublished.model_validate_json(answer)
                    kinds[piece.kind or ""] = kinds.get(piece.kind or "", 0) + piece.published
                    status.update(f"{service}: {_counted(kinds.items())}")
                    if piece.next is None:
                        break
                    body["after"] = piece.next
    except Refused as refusal:
        console.print(f"[red]{service}[/red]: {refusal}")
        console.print(f"published until then: {_counted(kinds.items())}; run it again, that is harmless")
        return 1
    console.print(f"{service}: {_counted(kinds.items())} published again")
    return 0


async def _id_of(product: Product, pupil: str) -> UUID:
    """Return a pupil's id, by a UPN or the id itself."""
    try:
        return UUID(pupil)
    except ValueError:
        return (await product.get("registers", f"/v1/pupils/{pupil}/upns", IdentityOut)).pupil_id


def _counted(kinds: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{count:,} of {kind}" for kind, count in kinds if kind) or "nothing"
