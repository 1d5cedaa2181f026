"""Notices, closed cases and court files: what relies on sessions, what spends them and what sets them aside."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import TypedDict, Unpack
from uuid import UUID

from services.thresholds.domain.facts import Mark
from services.thresholds.domain.pupils import ClosedCase, Pupil, held_by_other_runs, record_reliance
from services.thresholds.domain.reliance import Kind
from services.thresholds.domain.sessions import Session
from services.thresholds.repository.pupils import load_pupils
from services.thresholds.repository.reliances import store_closed_case, store_kept, store_reliance
from services.thresholds.repository.runs import earlier_runs
from services.thresholds.use_cases import lost_sessions
from services.thresholds.use_cases.judging import is_judging_deferred, judge_and_publish
from services.thresholds.use_cases.pupil_records import ChildOf, judged_ids, lock_children
from shared.contracts.event import RelianceSession
from shared.contracts.penalties import CaseClosed, NoticeIssued, NoticeWithdrawn
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.database import Transaction

FILE: Kind = "prosecution-file"


class Changes(TypedDict, total=False):
    """What an event changes in a notice or court file."""

    marks: tuple[Mark, ...]
    withdrawn_on: date
    restores: bool
    charged: tuple[Session, ...]
    concluded_on: date


async def issue_notice(tx: Transaction, event: NoticeIssued) -> None:
    """Store a notice and the marks it relies on; a penalty notice spends their sessions for the threshold from issue."""
    await _change(tx, event.pupil_id, event.notice_id, event.kind, marks=marks_relied_on(event.sessions))


async def withdraw_notice(tx: Transaction, event: NoticeWithdrawn) -> None:
    """Store that a notice was withdrawn: it relies on nothing; its sessions count again only where the ground allows a new notice."""
    await _change(tx, event.pupil_id, event.notice_id, event.kind, withdrawn_on=event.withdrawn_on, restores=event.restores)


async def close_case(tx: Transaction, event: CaseClosed) -> None:
    """Store that a case was closed: that ends its run, and sets sessions aside where no penalty notice or charge came of it.

    Not those that the run of another open case of the child holds.
    """
    child_of = await lock_children(tx, [event.pupil_id])
    judged = judged_ids(child_of, [event.pupil_id])
    closed = ClosedCase(event.case_id, event.run_id, event.closed_on, event.set_aside_to)
    if event.set_aside_to:
        (pupil,) = await load_pupils(tx, judged, child_of)
        kept = None if is_judging_deferred() else await _kept(tx, pupil, closed, child_of)
        closed = replace(closed, kept=kept)
    if await store_closed_case(tx, event.pupil_id, closed):
        await judge_and_publish(tx, await load_pupils(tx, judged, child_of))


async def work_out_kept(tx: Transaction, pupil_ids: Sequence[UUID]) -> None:
    """Store which sessions closed cases did not set aside, where their runs have come back from an old copy only after them."""
    child_of = await lock_children(tx, pupil_ids)
    for pupil in await load_pupils(tx, judged_ids(child_of, pupil_ids), child_of):
        for closed in pupil.closed_cases:
            if closed.kept is None:
                await store_kept(tx, closed.case_id, await _kept(tx, pupil, closed, child_of))


async def _kept(tx: Transaction, pupil: Pupil, closed: ClosedCase, child_of: ChildOf) -> frozenset[Session]:
    records = [pupil.id, *(each for each in child_of if child_of[each] == pupil.id)]
    held = held_by_other_runs(pupil, chain(*(await earlier_runs(tx, records)).values()), closed.run_id)
    return frozenset(session for session in held if closed.set_aside_to and session.date <= closed.set_aside_to)


async def open_file(tx: Transaction, event: ProsecutionFileOpened) -> None:
    """Store a court file and the marks it relies on; it spends nothing before a charge."""
    await _change(tx, event.pupil_id, event.file_id, FILE, marks=marks_relied_on(event.sessions))


async def charge(tx: Transaction, event: ProsecutionCharged) -> None:
    """Store that a court file led to a charge: that spends its sessions, whatever the verdict."""
    charged = tuple(sorted(Session(each.date, each.session) for each in event.sessions))
    await _change(tx, event.pupil_id, event.file_id, FILE, charged=charged)


async def conclude(tx: Transaction, event: ProsecutionConcluded) -> None:
    """Store a verdict: it changes nothing about the sessions, which stay spent and relied on."""
    await _change(tx, event.pupil_id, event.file_id, FILE, concluded_on=event.concluded_on)


async def withdraw_file(tx: Transaction, event: ProsecutionWithdrawn) -> None:
    """Store that a court file was withdrawn: it relies on nothing; what a charge spent stays spent."""
    await _change(tx, event.pupil_id, event.file_id, FILE, withdrawn_on=event.withdrawn_on)


async def _change(tx: Transaction, pupil_id: UUID, reliance_id: UUID, kind: Kind, **changes: Unpack[Changes]) -> None:
    child_of = await lock_children(tx, [pupil_id])
    also = {(child_of.get(pupil_id, pupil_id), mark.session) for mark in changes.get("marks", ())}
    (pupil,) = await load_pupils(tx, judged_ids(child_of, [pupil_id]), child_of, also)
    before = pupil.reliance(reliance_id, kind)
    after = replace(before, **changes)
    if after == before:
        return
    lost_before = await lost_sessions.lost(tx, [pupil])
    pupil, mark_changes = record_reliance(pupil, after)
    newly_lost = await lost_sessions.newly_lost(tx, [pupil], lost_before)
    await store_reliance(tx, pupil_id, after)
    await judge_and_publish(tx, [pupil], {pupil.id: [*mark_changes, *newly_lost.get(pupil.id, ())]})


def marks_relied_on(sessions: Iterable[RelianceSession]) -> tuple[Mark, ...]:
    """Return the marks that an event names, in the order of their sessions and schools."""
    marks = (Mark(Session(each.date, each.session), each.urn, each.code, each.version) for each in sessions)
    return tuple(sorted(marks, key=lambda mark: mark.key))
