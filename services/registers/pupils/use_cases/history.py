"""A child's marks on every record, with every version."""

from collections.abc import Collection
from datetime import date

from services.registers.marks.domain.history import MarkHistory
from services.registers.marks.use_cases.history import read_history
from services.registers.pupils.repository import same_child
from services.registers.pupils.use_cases.access import pupil_meant
from shared.database import Transaction, all_rows_visible
from shared.http import CallerInfo
from shared.problems import Invalid, NotFound

LONGEST = 366 * 7
"""Days: marks are kept for six years and the present one (SI 2024/208 reg. 7)."""


class PupilNotFound(NotFound):
    """There is no such pupil."""


async def read_marks(
    tx: Transaction, caller: CallerInfo, upn: str, first: date, last: date, urns: Collection[int] | None
) -> list[MarkHistory]:
    """Return a child's marks in a period, on every record; of these schools only, where given. Raise PupilNotFound."""
    if first > last or (last - first).days > LONGEST:
        raise Invalid("`from` is on or before `to`, at most seven years before.")
    async with all_rows_visible(tx):  # whose the number is; the marks are those within reach
        pupil = await pupil_meant(tx, caller, upn)
        records = await same_child.child_of(tx, [pupil.id]) if pupil else {}
    if pupil is None:
        raise PupilNotFound
    found = [mark for record in sorted(records) for mark in await read_history(tx, record, first, last, urns)]
    return sorted(found, key=lambda mark: (mark.date, mark.session, mark.urn)) if len(records) > 1 else found
