"""Show the support log of a child. What a caller sees of it is bound by row security."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.penalties.case_file.repository.cases import find_case
from services.penalties.case_file.use_cases.load import CurrentIds, current_ids
from services.penalties.case_file.use_cases.problems import CaseNotFound
from services.penalties.law import law_of
from services.penalties.support.domain.attachments import Attachment
from services.penalties.support.domain.completeness import Completeness, LoggedEntry, assess_log
from services.penalties.support.domain.entries import Entry, EntryContent, EntryVersion
from services.penalties.support.domain.steps import Step, next_steps, state_of
from services.penalties.support.repository.attachments import attachments_of
from services.penalties.support.repository.entries import CurrentEntry, find_entry, log_of, log_page, steps_of, versions_of
from services.penalties.support.use_cases.problems import EntryNotFound
from shared import clock
from shared.database import Transaction
from shared.database.paging import Listed, PageQuery
from shared.database.rows import columns_of
from shared.http import CallerInfo, id_in


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEntry(EntryVersion):
    """An entry as it now is, every version of it, the first one first, its files, how far it has come, and what may follow."""

    id: UUID
    urn: int
    versions: tuple[EntryVersion, ...]
    steps: tuple[Step, ...]
    attachments: tuple[Attachment, ...]
    state: str | None
    next_steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedEntry(CurrentEntry):
    """An entry in the log, its files, and how far it has come."""

    attachments: tuple[Attachment, ...]
    state: str | None


async def own_entry(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> bool:  # noqa: ARG001 -- a guard's signature
    """Return whether an entry is the caller's to see: row security shows no other."""
    entry_id = id_in(path, "entry_id")
    return entry_id is not None and await find_entry(tx, entry_id) is not None


async def show_log(tx: Transaction, case_id: UUID, page: PageQuery) -> Listed[ListedEntry]:
    """Return a page of the log of the child of this case, the latest first, parents under the ids that hold now."""
    case = await find_case(tx, case_id)
    if case is None:
        raise CaseNotFound
    current = await current_ids(tx, case.pupil_id)
    found = await log_page(tx, case.pupil_id, page)
    ids = [each.id for each in found.rows]
    steps, files = await _steps_by_entry(tx, ids), await attachments_of(tx, ids)
    return found.with_rows(
        [
            ListedEntry(
                **columns_of(replace(each, content=_renamed(each.content, current))),
                attachments=tuple(one for one in files if one.entry_id == each.id),
                state=state_of(each.content, steps.get(each.id, [])),
            )
            for each in found.rows
        ]
    )


async def _steps_by_entry(tx: Transaction, entry_ids: Collection[UUID]) -> Mapping[UUID, list[Step]]:
    found: dict[UUID, list[Step]] = {}
    for step in await steps_of(tx, entry_ids):
        found.setdefault(step.entry_id, []).append(step)
    return found


async def show_completeness(tx: Transaction, case_id: UUID) -> Completeness:
    """Return what the log of this case's child, as far as the caller sees it, lacks by the checklist of the case's authority.

    Counted from the first week of the case's window on, and to the day on which the case was closed.
    """
    case = await find_case(tx, case_id)
    if case is None:
        raise CaseNotFound
    entries = await log_of(tx, case.pupil_id)
    ids = [each.id for each in entries]
    steps, files = await _steps_by_entry(tx, ids), await attachments_of(tx, ids)
    log = [
        LoggedEntry(
            each.id,
            each.content,
            tuple(steps.get(each.id, ())),
            each.urn,
            frozenset(one.sha256 for one in files if one.entry_id == each.id),
        )
        for each in entries
    ]
    return assess_log(log, case.window_from, case.closed_on, law_of(case.la_code), clock.today())


async def show_entry(tx: Transaction, entry_id: UUID) -> ShownEntry:
    """Return an entry with all its versions; raise EntryNotFound."""
    entry = await find_entry(tx, entry_id)
    if entry is None:
        raise EntryNotFound
    current = await current_ids(tx, entry.pupil_id)
    versions = [replace(each, content=_renamed(each.content, current)) for each in await versions_of(tx, entry_id)]
    return shown_entry(entry, versions, await steps_of(tx, [entry_id]), await attachments_of(tx, [entry_id]))


def shown_entry(entry: Entry, versions: Sequence[EntryVersion], steps: Sequence[Step], attachments: Sequence[Attachment]) -> ShownEntry:
    """Return an entry as people see it."""
    last = versions[-1]
    return ShownEntry(
        id=entry.id,
        urn=entry.urn,
        versions=tuple(versions),
        steps=tuple(steps),
        attachments=tuple(attachments),
        state=state_of(last.content, steps),
        next_steps=next_steps(last.content, steps),
        entry_id=last.entry_id,
        version=last.version,
        content=last.content,
        correction_reason=last.correction_reason,
        written_by=last.written_by,
        written_by_role=last.written_by_role,
        written_by_subject=last.written_by_subject,
        written_for=last.written_for,
        written_at=last.written_at,
    )


def _renamed(content: EntryContent, current: CurrentIds) -> EntryContent:
    """Return the content with the ids of parents that hold now."""
    renamed = (replace(each, parent_id=current[each.parent_id]) if each.parent_id else each for each in content.participants)
    return replace(content, participants=tuple(renamed))
