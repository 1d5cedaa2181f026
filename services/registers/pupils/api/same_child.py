"""Two records of one child: decided by an officer."""

from uuid import UUID

from services.registers.pupils.schemas.same_child import MergerIn, MergerOut, MergerUndoing
from services.registers.pupils.use_cases import same_child
from shared.http import Caller, Page, Paging, Router, Tx, allow
from shared.http.access import OFFICERS

router = Router(tags=["pupils"])


@router.get("/pupil-mergers")
@allow(*OFFICERS)
async def list_mergers(tx: Tx, caller: Caller, paging: Paging) -> Page[MergerOut]:
    """Records that an officer put together as one child's, those that were undone too, the oldest first."""
    found = await same_child.read_mergers(tx, paging.after_id, paging.limit, caller.la_code)
    return Page[MergerOut].of([MergerOut.model_validate(merger) for merger in found], paging.limit, lambda merger: merger.id)


@router.post("/pupil-mergers", status_code=201)
@allow("aco", "manager")
async def merge_pupils(tx: Tx, caller: Caller, body: MergerIn) -> MergerOut:
    """Put two records of one child together. Thresholds, cases, notices and files are judged together from then on; nothing recorded moves."""
    wrong = (body.wrong_birth_date.upn, body.wrong_birth_date.reason) if body.wrong_birth_date else None
    return MergerOut.model_validate(await same_child.merge(tx, body.upns, body.reason, wrong, caller))


@router.post("/pupil-mergers/{merger_id}/undo")
@allow("aco", "manager")
async def undo_merger(tx: Tx, caller: Caller, merger_id: UUID, body: MergerUndoing) -> MergerOut:
    """Separate two records that are of two children after all: each has again what was sent under it."""
    return MergerOut.model_validate(await same_child.undo(tx, merger_id, body.reason, caller))
