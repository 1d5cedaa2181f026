"""Notices, closed cases and court files: what rests on sessions, what spends them and what sets them aside."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.thresholds.domain.facts import Mark
from services.thresholds.domain.pupils import Closure, rely
from services.thresholds.domain.reliance import Kind
from services.thresholds.domain.sessions import Session
from services.thresholds.repository import pupils as stored
from services.thresholds.repository import reliances
from services.thresholds.use_cases import children, losses
from services.thresholds.use_cases.judging import settle
from shared.contracts.event import RelianceSession
from shared.contracts.penalties import CaseClosed, NoticeIssued, NoticeWithdrawn
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.database import Transaction

FILE: Kind = "prosecution-file"


async def issue_notice(tx: Transaction, event: NoticeIssued) -> None:
    """A notice rests on its sessions; a penalty notice spends them for the threshold from issue."""
    await _learn(tx, event.pupil_id, event.notice_id, event.kind, marks=_marks(event.sessions))


async def withdraw_notice(tx: Transaction, event: NoticeWithdrawn) -> None:
    """A withdrawn notice rests on nothing; its sessions count again only where the ground allows a new notice."""
    await _learn(tx, event.pupil_id, event.notice_id, event.kind, withdrawn_on=event.withdrawn_on, restores=event.restores)


async def close_case(tx: Transaction, event: CaseClosed) -> None:
    """A closed case ends its run, and sets its sessions aside where no penalty notice or charge came of it."""
    child = await children.hold(tx, [event.pupil_id])
    closure = Closure(event.case_id, event.run_id, event.closed_on, event.set_aside_to)
    if await reliances.store_closure(tx, event.pupil_id, closure):
        await settle(tx, await children.load(tx, children.under(child, [event.pupil_id]), child))


async def open_file(tx: Transaction, event: ProsecutionFileOpened) -> None:
    """A court file rests on its sessions; it spends nothing before a charge."""
    await _learn(tx, event.pupil_id, event.file_id, FILE, marks=_marks(event.sessions))


async def charge(tx: Transaction, event: ProsecutionCharged) -> None:
    """A charge spends its sessions, whatever the verdict."""
    await _learn(
        tx, event.pupil_id, event.file_id, FILE, charged=tuple(sorted(Session(each.date, each.session) for each in event.sessions))
    )


async def conclude(tx: Transaction, event: ProsecutionConcluded) -> None:
    """A verdict changes nothing about the sessions: they stay spent, and the file goes on resting on them."""
    await _learn(tx, event.pupil_id, event.file_id, FILE, concluded_on=event.concluded_on)


async def withdraw_file(tx: Transaction, event: ProsecutionWithdrawn) -> None:
    """A file that was given up rests on nothing; what a charge spent stays spent."""
    await _learn(tx, event.pupil_id, event.file_id, FILE, withdrawn_on=event.withdrawn_on)


async def _learn(tx: Transaction, pupil_id: UUID, reliance_id: UUID, kind: Kind, **news: Any) -> None:
    child = await children.hold(tx, [pupil_id])
    besides = {(child.get(pupil_id, pupil_id), mark.session) for mark in news.get("marks", ())}
    (pupil,) = await stored.load(tx, children.under(child, [pupil_id]), besides, child)
    known = pupil.reliance(reliance_id, kind)
    learnt = replace(known, **news)
    if learnt == known:
        return
    before = await losses.lost(tx, [pupil])
    pupil, changes = rely(pupil, learnt)
    gone = await losses.newly_lost(tx, [pupil], before)
    await reliances.store_reliance(tx, pupil_id, learnt)
    await settle(tx, [pupil], {pupil.id: [*changes, *gone.get(pupil.id, ())]})


def _marks(sessions: Iterable[RelianceSession]) -> tuple[Mark, ...]:
    return tuple(sorted((Mark(Session(each.date, each.session), each.urn, each.code, each.version) for each in sessions), key=_order))


def _order(mark: Mark) -> tuple[Session, int]:
    return mark.session, mark.urn
