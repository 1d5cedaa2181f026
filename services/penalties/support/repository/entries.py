"""Entries of the support log and their versions. Which of them a caller sees is bound by row security."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, insert, select, update

from services.penalties.support.domain.entries import Entry, EntryVersion
from services.penalties.support.domain.steps import Step
from services.penalties.tables import row_of, values_of
from services.penalties.tables.support import support_entries, support_steps, support_versions
from shared.attendance.identities import records_of
from shared.database import Transaction
from shared.database.paging import Listed, Order, PageQuery, fetch_page
from shared.database.rows import fetch_all, fetch_one


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentEntry(EntryVersion):
    """An entry with the content that holds now."""

    id: UUID
    pupil_id: UUID
    urn: int
    la_code: str


_CURRENT = select(
    support_entries.c.id, support_entries.c.pupil_id, support_entries.c.urn, support_entries.c.la_code, *support_versions.c
).join_from(
    support_entries,
    support_versions,
    and_(support_versions.c.entry_id == support_entries.c.id, support_versions.c.version == support_entries.c.version),
)


async def add_entry(tx: Transaction, entry: Entry, version: EntryVersion) -> None:
    """Store a new entry with its first version."""
    await tx.execute(insert(support_entries).values(values_of(support_entries, entry)))
    await _add(tx, version)


async def add_version(tx: Transaction, version: EntryVersion) -> None:
    """Store a newer version of an entry, which is locked; the earlier ones stay."""
    current = update(support_entries).where(support_entries.c.id == version.entry_id)
    await tx.execute(current.values(version=version.version, made_on=version.content.made_on))
    await _add(tx, version)


async def _add(tx: Transaction, version: EntryVersion) -> None:
    await tx.execute(insert(support_versions).values(values_of(support_versions, version)))


async def find_entry(tx: Transaction, entry_id: UUID, *, lock: bool = False) -> Entry | None:
    """Return an entry, locked where it is to be corrected; None where the caller sees none."""
    found = select(support_entries).where(support_entries.c.id == entry_id)
    return await fetch_one(tx, found.with_for_update() if lock else found, row_of(Entry))


async def versions_of(tx: Transaction, entry_id: UUID) -> list[EntryVersion]:
    """Return every version of an entry, the first one first."""
    found = select(support_versions).where(support_versions.c.entry_id == entry_id).order_by(support_versions.c.version)
    return await fetch_all(tx, found, row_of(EntryVersion))


async def log_page(tx: Transaction, pupil_id: UUID, page: PageQuery) -> Listed[CurrentEntry]:
    """Return a page of a child's log, whichever record an entry was made on, the latest first."""
    mine = _CURRENT.where(support_entries.c.pupil_id.in_(records_of(pupil_id)))
    return await fetch_page(tx, mine, row_of(CurrentEntry), Order((support_entries.c.made_on, support_entries.c.id), descending=True), page)


async def log_of(tx: Transaction, pupil_id: UUID) -> list[CurrentEntry]:
    """Return everything in a child's log, the earliest first."""
    mine = _CURRENT.where(support_entries.c.pupil_id.in_(records_of(pupil_id)))
    return await fetch_all(tx, mine.order_by(support_entries.c.made_on, support_entries.c.id), row_of(CurrentEntry))


async def add_step(tx: Transaction, step: Step) -> None:
    """Store what followed an entry, which is locked."""
    await tx.execute(insert(support_steps).values(values_of(support_steps, step)))


async def steps_of(tx: Transaction, entry_ids: Collection[UUID]) -> list[Step]:
    """Return what followed these entries, in the order in which it was recorded."""
    found = select(support_steps).where(support_steps.c.entry_id.in_(entry_ids)).order_by(support_steps.c.id)
    return await fetch_all(tx, found, row_of(Step))
