"""Cases, the runs of the threshold behind them, decisions, agreements and court files."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, insert, select, text, update

from services.penalties.case_file.domain.facts import Agreement, Case, CourtFile, Decision
from services.penalties.tables import row_of, values_of
from services.penalties.tables.cases import agreements, cases, court_files, decisions, runs
from shared.attendance.identities import records_of
from shared.database import Transaction
from shared.database.bells import ring_after_commit
from shared.database.locks import Lock
from shared.database.rows import fetch_all, fetch_one, upsert

_LOCK_PUPIL = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:pupil_id AS text), :lock))").bindparams(lock=Lock.CASES_OF_PUPIL)


RUNS = "runs"
"""The bell that is rung when a judgement of the threshold has arrived."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run of the threshold, the case that it belongs to, and its revision that arrived last."""

    id: UUID
    pupil_id: UUID
    case_id: UUID | None
    revision: int


async def lock_pupil(tx: Transaction, pupil_id: UUID) -> None:
    """Wait for whoever opens a case or issues a notice for this pupil; locked until the transaction ends."""
    await tx.execute(_LOCK_PUPIL, {"pupil_id": str(pupil_id)})


async def find_case(tx: Transaction, case_id: UUID, *, lock: bool = False) -> Case | None:
    """Return a case, locked where events are to be published about it."""
    found = select(cases).where(cases.c.id == case_id)
    return await fetch_one(tx, found.with_for_update() if lock else found, row_of(Case))


async def lock_open_cases(tx: Transaction, pupil_id: UUID) -> list[Case]:
    """Return the open cases of a record, locked, in the order of their ids."""
    found = select(cases).where(cases.c.pupil_id == pupil_id, cases.c.status == "open").order_by(cases.c.id)
    return await fetch_all(tx, found.with_for_update(), row_of(Case))


async def another_is_open(tx: Transaction, case_id: UUID, pupil_id: UUID) -> bool:
    """Return whether the child has an open case besides this one, on whichever record."""
    others = select(cases.c.id).where(cases.c.pupil_id.in_(records_of(pupil_id)), cases.c.status == "open", cases.c.id != case_id)
    return (await tx.execute(others.limit(1))).first() is not None


async def add_case(tx: Transaction, case: Case) -> None:
    """Store a new case."""
    await tx.execute(insert(cases).values(values_of(cases, case)))


async def save_case(tx: Transaction, case: Case) -> None:
    """Store a case, which is locked, as it now is."""
    await tx.execute(update(cases).where(cases.c.id == case.id).values(values_of(cases, case)))


async def store_outcome(tx: Transaction, case_id: UUID, status: str, outcome: str, closed_on: date, set_aside_to: date | None) -> None:
    """Store how a case ended."""
    ended = update(cases).where(cases.c.id == case_id)
    await tx.execute(ended.values(status=status, closed_on=closed_on, outcome=outcome, set_aside_to=set_aside_to))


async def store_opened_again(tx: Transaction, case_id: UUID, status: str) -> None:
    """Store that a closed case is open again."""
    await tx.execute(update(cases).where(cases.c.id == case_id).values(status=status, closed_on=None, outcome=None, set_aside_to=None))


async def find_run(tx: Transaction, run_id: UUID) -> RunRow | None:
    """Return a run of the threshold, None where no event about it has arrived."""
    return await fetch_one(tx, select(runs).where(runs.c.id == run_id), RunRow)


async def run_revisions(tx: Transaction, run_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the revision that arrived last, by run; runs of which nothing has arrived are missing."""
    found = await tx.execute(select(runs.c.id, runs.c.revision).where(runs.c.id.in_(run_ids)))
    return {row.id: row.revision for row in found}


async def save_run(tx: Transaction, run: RunRow) -> None:
    """Store which case a run belongs to and the revision that arrived last; rings RUNS."""
    await upsert(tx, runs, values_of(runs, run))
    ring_after_commit(tx, RUNS)


async def decisions_of(tx: Transaction, case_id: UUID) -> list[Decision]:
    """Return the decisions of a case, oldest first."""
    return await fetch_all(tx, select(decisions).where(decisions.c.case_id == case_id).order_by(decisions.c.id), row_of(Decision))


async def agreements_of(tx: Transaction, case_id: UUID) -> list[Agreement]:
    """Return the authority's answers in a case, oldest first."""
    return await fetch_all(tx, select(agreements).where(agreements.c.case_id == case_id).order_by(agreements.c.id), row_of(Agreement))


async def referred_to(tx: Transaction, case_id: UUID) -> Sequence[int]:
    """Return the schools to whose accredited persons the authority's last word about some parent refers a case, the latest first."""
    return (await tx.execute(select(func.referred_schools(case_id)))).scalars().all()


async def add_decision(tx: Transaction, decision: Decision) -> None:
    """Store a decision."""
    await tx.execute(insert(decisions).values(values_of(decisions, decision)))


async def add_agreement(tx: Transaction, agreement: Agreement) -> None:
    """Store the authority's answer."""
    await tx.execute(insert(agreements).values(values_of(agreements, agreement)))


async def find_court_file(tx: Transaction, file_id: UUID) -> CourtFile | None:
    """Return a court file, None where no event about it has arrived."""
    return await fetch_one(tx, select(court_files).where(court_files.c.id == file_id), row_of(CourtFile))


async def court_files_about(tx: Transaction, pupil_id: UUID) -> list[CourtFile]:
    """Return every court file about a child, on whichever record, oldest first."""
    mine = select(court_files).where(court_files.c.pupil_id.in_(records_of(pupil_id)))
    return await fetch_all(tx, mine.order_by(court_files.c.id), row_of(CourtFile))


async def save_court_file(tx: Transaction, file: CourtFile) -> None:
    """Store a court file as it now is."""
    await upsert(tx, court_files, values_of(court_files, file))
