"""Who may see and change which case and notice: its school, the pupil's present school, the authority's officers, to whom it was referred."""

from collections.abc import Mapping

from services.penalties.case_file.domain.facts import Case
from services.penalties.case_file.domain.notices import Notice
from services.penalties.case_file.repository.cases import find_case, referred_to
from services.penalties.case_file.repository.notices import find_any_notice
from services.penalties.case_file.repository.visibility import Visibility
from services.penalties.projections.repository import present_rolls
from shared import clock
from shared.attendance.successions import continued
from shared.database import Transaction
from shared.http import CallerInfo, id_in
from shared.problems import Forbidden


async def visible_to(tx: Transaction, caller: CallerInfo, urn: int | None = None) -> Visibility:
    """Return what a caller's token may see today: its schools, with those that they continue, or its authority.

    Raises Forbidden where a bound token asks for another school, `urn`.
    """
    if not caller.bound:
        return Visibility(clock.today(), None, caller.la_code)
    schools = await continued(tx, caller.schools)
    if urn is not None and urn not in schools:
        raise Forbidden("This token is not for that school.")
    return Visibility(clock.today(), schools, referred=caller.roles == {"accredited"})


async def own_case(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> bool:
    """Return whether a case is the caller's own: of its school or authority, or of a pupil who is on such a roll today.

    An accredited person's are those that were referred to their schools, and no others.
    """
    return await _is_own(tx, caller, await _case(tx, path))


async def own_notice(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> bool:
    """Return whether a notice is about a case that is the caller's own."""
    notice_id = id_in(path, "notice_id")
    return await _is_own(tx, caller, await find_any_notice(tx, notice_id) if notice_id else None)


async def only_holidays(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> None:
    """Business support does this in a case of a holiday alone."""
    if caller.roles == {"business-support"}:
        case = await _case(tx, path)
        if case is not None and not case.holiday:
            raise Forbidden("Business support does this for a holiday alone.")


async def _case(tx: Transaction, path: Mapping[str, str]) -> Case | None:
    case_id = id_in(path, "case_id")
    return await find_case(tx, case_id) if case_id else None


async def _is_own(tx: Transaction, caller: CallerInfo, row: Case | Notice | None) -> bool:
    return row is not None and await _sees(tx, await visible_to(tx, caller), row)


async def _sees(tx: Transaction, visible: Visibility, row: Case | Notice) -> bool:
    if visible.referred:
        referred = await referred_to(tx, row.id if isinstance(row, Case) else row.case_id)
        return not (visible.schools or frozenset()).isdisjoint(referred)
    present = await present_rolls(tx, row.pupil_id, visible.today)
    schools = {row.urn, *(roll.urn for roll in present)}
    authorities = {row.la_code, *(roll.la_code for roll in present)}
    return (visible.schools is None or not schools.isdisjoint(visible.schools)) and (
        visible.la_code is None or visible.la_code in authorities
    )
