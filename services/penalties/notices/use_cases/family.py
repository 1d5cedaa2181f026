"""What penalty notices for one absence would cost a family: several parents, several children. Nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.penalties.case_file.domain.sessions import OffencePeriod
from services.penalties.case_file.repository.cases import find_case
from services.penalties.case_file.repository.notices import penalty_notices_about
from services.penalties.case_file.repository.visibility import Visibility
from services.penalties.case_file.use_cases.access import visible_to
from services.penalties.case_file.use_cases.load import CurrentIds, NotAParent
from services.penalties.case_file.use_cases.problems import CaseNotFound
from services.penalties.notices.domain.tariff import Assessment
from services.penalties.notices.use_cases.assess import assess_notice
from services.penalties.notices.use_cases.issue import earlier_notice
from services.penalties.projections.repository import parents_of, present_rolls
from shared.database import Transaction, all_rows_visible
from shared.http import OUT_OF_REACH, CallerInfo
from shared.problems import Forbidden


class ParentAndChild(NamedTuple):
    """To whom a notice would go, and about whom."""

    parent_id: UUID
    pupil_id: UUID


@dataclass(frozen=True, slots=True)
class FamilyAssessment:
    """What each notice would be, and what all that are available would cost together: paid early, and in full."""

    items: Sequence[tuple[ParentAndChild, Assessment]]

    @property
    def early_pence(self) -> int:
        """What the family would pay if every notice were paid at its lower amount in time."""
        return sum(each.early_pence or 0 for _, each in self.items)

    @property
    def full_pence(self) -> int:
        """What the family would pay in full."""
        return sum(each.full_pence or 0 for _, each in self.items)


async def assess_family(
    tx: Transaction, caller: CallerInfo, case_id: UUID, proposed_on: date, offence: OffencePeriod, proposed: Sequence[ParentAndChild]
) -> FamilyAssessment:
    """Return what each notice would be by the notices that are stored about its parent and child, and the sum.

    The child of the case is the caller's own with it; any other child must be on a roll that the caller may see today. Raise Forbidden,
    CaseNotFound, NotAParent, OffenceAcrossFrameworks, NoLawKnown.
    """
    case = await find_case(tx, case_id)
    if case is None:
        raise CaseNotFound
    visible = await visible_to(tx, caller)
    items = []
    for pupil_id in dict.fromkeys(each.pupil_id for each in proposed):
        la_code = case.la_code if pupil_id == case.pupil_id else await _authority(tx, visible, pupil_id) or case.la_code
        async with all_rows_visible(tx):  # the cap counts what any school's case led to
            parents = await parents_of(tx, pupil_id)
            before = await penalty_notices_about(tx, pupil_id)
        current = CurrentIds.of(parents)
        for one in dict.fromkeys(each for each in proposed if each.pupil_id == pupil_id):
            if one.parent_id not in {row.parent_id for row in parents}:
                raise NotAParent("Not a parent of this pupil, as its schools know them.", parents=[str(one.parent_id)])
            earlier = [earlier_notice(each) for each in before if current[each.parent_id] == one.parent_id]
            items.append((one, assess_notice(la_code, "s444a", proposed_on, offence, earlier, None, "first-class-post").assessment))
    return FamilyAssessment(items)


async def _authority(tx: Transaction, visible: Visibility, pupil_id: UUID) -> str | None:
    """Return the authority of a school on whose roll a pupil is today and that the caller may see; None for who sees everything."""
    async with all_rows_visible(tx):
        rolls = await present_rolls(tx, pupil_id, visible.today)
    seen = [
        roll.la_code
        for roll in rolls
        if (visible.schools is None or roll.urn in visible.schools) and visible.la_code in {None, roll.la_code}
    ]
    if not seen and (visible.schools is not None or visible.la_code):
        raise Forbidden(OUT_OF_REACH)
    return seen[0] if seen else None
