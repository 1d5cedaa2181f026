"""Quarantined marks that are being released."""

from services.registers.marks.schemas.releases import ReleaseProgressOut
from services.registers.marks.use_cases import release
from services.registers.schools.use_cases.access import in_area
from shared.http import Router, Tx, Urn, allow
from shared.http.access import OFFICERS

router = Router(tags=["registers"])


@router.get("/schools/{urn}/releases")
@allow(*OFFICERS, "mis", "school", own_school=True, guard=in_area)
async def read_releases(tx: Tx, urn: Urn) -> ReleaseProgressOut:
    """How many quarantined marks of a school a roll has explained that are still to be stored: more than a few are stored piece by piece."""
    return ReleaseProgressOut.model_validate(await release.read_progress(tx, urn))
