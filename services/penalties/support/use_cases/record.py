"""Record what was tried for a child, and correct what was recorded."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from services.penalties.case_file.domain.facts import Case
from services.penalties.case_file.repository.cases import find_case, referred_to
from services.penalties.case_file.use_cases.access import visible_to
from services.penalties.case_file.use_cases.load import CurrentIds, NotAParent
from services.penalties.case_file.use_cases.problems import CaseNotFound
from services.penalties.law import law_of
from services.penalties.projections.repository import parents_of, present_rolls
from services.penalties.support.domain.entries import Entry, EntryContent, EntryVersion, Participant, WrittenFor, assess_entry
from services.penalties.support.repository.entries import add_entry, add_version, find_entry, steps_of, versions_of
from services.penalties.support.use_cases.problems import EntryNotFound, EntryRefused, OthersEntry, VersionChanged
from services.penalties.support.use_cases.read import ShownEntry, show_entry, shown_entry
from shared import clock
from shared.database import Transaction
from shared.http import CallerInfo
from shared.ids import new_id


async def record_entry(tx: Transaction, caller: CallerInfo, case_id: UUID, content: EntryContent) -> ShownEntry:
    """Record an entry in the log of the child of this case, open or closed: the log is the child's, and each of the child's cases shows it."""
    case = await find_case(tx, case_id)
    if case is None:
        raise CaseNotFound
    urn, la_code = await _written_for_school(tx, caller, case)
    content = await _checked(tx, case.pupil_id, la_code, content)
    entry = Entry(
        id=new_id(),
        pupil_id=case.pupil_id,
        urn=urn,
        la_code=la_code,
        version=1,
        made_on=content.made_on,
        written_for=written_for(caller),
    )
    version = _version(caller, entry, content, None)
    await add_entry(tx, entry, version)
    return shown_entry(entry, [version], [], [])


async def correct_entry(
    tx: Transaction, caller: CallerInfo, entry_id: UUID, *, version: int, reason: str, content: EntryContent
) -> ShownEntry:
    """Store a new version of an entry, in place of `version`, which the caller has read; every earlier one stays to be read.

    Raises VersionChanged where somebody else corrected it meanwhile, OthersEntry where it was written for others.
    """
    entry = await lock_own_entry(tx, caller, entry_id)
    if entry.version != version:
        raise VersionChanged(
            "Somebody corrected this entry meanwhile. Read it again, then correct what still needs it.", version=entry.version
        )
    content = await _checked(tx, entry.pupil_id, entry.la_code, content)
    before = (await versions_of(tx, entry_id))[-1].content
    if await steps_of(tx, [entry_id]) and (content.kind != before.kind or content.not_done_because is not None):
        raise EntryRefused("Steps have followed this entry: its kind stays. Record another entry instead.")
    newer = replace(entry, version=version + 1, made_on=content.made_on)
    await add_version(tx, _version(caller, newer, content, reason))
    return await show_entry(tx, entry_id)


async def lock_own_entry(tx: Transaction, caller: CallerInfo, entry_id: UUID) -> Entry:
    """Return an entry, locked, for one of those for whom it was written; raise EntryNotFound or OthersEntry."""
    entry = await find_entry(tx, entry_id, lock=True)
    if entry is None:
        raise EntryNotFound
    await _require_author(tx, caller, entry)
    return entry


def written_for(caller: CallerInfo) -> WrittenFor:
    """Return for whom a caller writes: their school, an accredited company, or the authority."""
    if caller.has("school"):
        return "school"
    return "accredited" if caller.has("accredited") else "authority"


def _version(caller: CallerInfo, entry: Entry, content: EntryContent, reason: str | None) -> EntryVersion:
    return EntryVersion(
        entry_id=entry.id,
        version=entry.version,
        content=content,
        correction_reason=reason,
        written_by=caller.person(),
        written_by_role=caller.role,
        written_by_subject=caller.subject,
        written_for=written_for(caller),
        written_at=clock.now(),
    )


async def _written_for_school(tx: Transaction, caller: CallerInfo, case: Case) -> tuple[int, str]:
    """Return the school and the authority for which an entry is written: where the pupil is today if that is the caller's, else the case's."""
    visible = await visible_to(tx, caller)
    for roll in await present_rolls(tx, case.pupil_id, visible.today):
        if (visible.schools is None or roll.urn in visible.schools) and (visible.la_code is None or roll.la_code == visible.la_code):
            return roll.urn, roll.la_code
    referred = [urn for urn in await referred_to(tx, case.id) if urn in (visible.schools or ())] if visible.referred else []
    return (referred[0] if referred else case.urn), case.la_code


async def _require_author(tx: Transaction, caller: CallerInfo, entry: Entry) -> None:
    visible = await visible_to(tx, caller)
    own = visible.schools is None or entry.urn in visible.schools
    area = visible.la_code is None or entry.la_code == visible.la_code
    if entry.written_for != written_for(caller) or not own or not area:
        raise OthersEntry(
            "It was written for another school or body, which alone corrects it. Record what you know as an entry of your own."
        )


async def _checked(tx: Transaction, pupil_id: UUID, la_code: str, content: EntryContent) -> EntryContent:
    """Return the content with the ids of parents that hold now; raise NotAParent or EntryRefused."""
    parents = await parents_of(tx, pupil_id)
    content = replace(content, participants=tuple(_current(content.participants, CurrentIds.of(parents))))
    strangers = {str(each.parent_id) for each in content.parents} - {str(row.parent_id) for row in parents}
    if strangers:
        raise NotAParent("Not a parent of this pupil, as its schools know them.", parents=sorted(strangers))
    assessed = assess_entry(content, clock.today(), law_of(la_code))
    if assessed.refusals:
        texts = dict.fromkeys(refusal.text for refusal in assessed.refusals)
        missing = [refusal.as_json() for refusal in assessed.refusals]
        raise EntryRefused(" ".join(texts), missing=missing, findings=[finding.as_json() for finding in assessed.findings])
    return content


def _current(participants: Iterable[Participant], current: CurrentIds) -> Iterable[Participant]:
    for each in participants:
        yield replace(each, parent_id=current[each.parent_id]) if each.parent_id else each
