"""Officers' decisions on a file, each by a named person with a reason."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.prosecutions import repository
from services.prosecutions.domain import Answer, Verdict, acquits, gates_of, obstacles_to_charge, split_by_time
from services.prosecutions.use_cases.ending import notice_ids, say_withdrawn
from services.prosecutions.use_cases.reading import FileNotFound
from services.prosecutions.use_cases.statutes import LAW
from shared import clock
from shared.contracts.event import RelianceSession
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded
from shared.database import Transaction
from shared.http import CallerInfo
from shared.ids import new_id
from shared.messaging import publish
from shared.problems import Conflict, Invalid, NotFound


class GateNotFound(NotFound):
    """This file has no such gate."""


class FileNotOpen(Conflict):
    """The file's state does not allow this."""


class FileNotReady(Conflict):
    """The file is not ready to be charged."""


class NothingHeld(Conflict):
    """Nothing holds this file."""


class NotToBeCleared(Conflict):
    """What holds this file stands as long as it lasts."""


class DayAhead(Invalid):
    """This day lies ahead."""


class BeforeTheCharge(Conflict):
    """The court decides on a charge, not before it."""


async def answer_gate(tx: Transaction, caller: CallerInfo, file_id: UUID, gate: str, answer: Answer, reason: str) -> None:
    """Record an officer's answer to one gate of a draft."""
    person, file = caller.person(), await _locked(tx, file_id)
    if gate not in {each.id for each in gates_of(file.offence, notice=file.notice_id is not None)}:
        raise GateNotFound
    if file.status != "draft":
        raise FileNotOpen(f"It is {file.status}.")
    await repository.add_answer(
        tx,
        id=new_id(),
        file_id=file_id,
        gate=gate,
        answer=answer,
        reason=reason,
        answered_by=person,
        answered_by_role=caller.role,
        answered_on=clock.today(),
        answered_at=clock.now(),
    )


async def charge(tx: Transaction, caller: CallerInfo, file_id: UUID, charged_on: date) -> None:
    """Record that a charge was brought: its sessions are spent; those that are time-barred are left out of it."""
    person, file = caller.person(), await _locked(tx, file_id)
    if file.status != "draft":
        raise FileNotOpen(f"It is {file.status}.")
    obstacles = obstacles_to_charge(
        gates_of(file.offence, notice=file.notice_id is not None),
        {each.gate: each.answer for each in await repository.answers(tx, file_id)},
        [each.cause for each in await repository.holds_of(tx, file_id) if each.cleared_on is None],
        await repository.notice_ended(tx, file.notice_id),
        file.opened_on,
        file.outer_limit,
        charged_on,
        clock.today(),
    )
    if obstacles:
        raise FileNotReady("; ".join(f"{each.what}: {each.why}" for each in obstacles), missing=[each.what for each in obstacles])
    in_time, barred = split_by_time(_sessions(file), lambda each: each.date, charged_on, LAW)
    await repository.move(
        tx, file_id, "charged", charged_on=charged_on, charged_sessions=[each.model_dump(mode="json") for each in in_time]
    )
    left_out = f"; {len(barred)} time-barred left out" if barred else ""
    await repository.add_entries(tx, file_id, [(charged_on, f"Charged with {len(in_time)} sessions{left_out}", person)])
    await publish(
        tx,
        ProsecutionCharged(
            file_id=file_id,
            case_id=file.case_id,
            pupil_id=file.pupil_id,
            parent_id=file.parent_id,
            sessions=tuple(in_time),
            charged_on=charged_on,
        ),
    )


async def conclude(tx: Transaction, caller: CallerInfo, file_id: UUID, verdict: Verdict, orders: Sequence[str], on: date) -> None:
    """Record the court's decision."""
    person, file = caller.person(), await _locked(tx, file_id)
    if on > clock.today():
        raise DayAhead
    if file.charged_on and on < file.charged_on:
        raise BeforeTheCharge(f"The charge was brought on {file.charged_on}.")
    if not await repository.move(tx, file_id, "concluded", ended_on=on, outcome=verdict, orders=list(orders)):
        raise FileNotOpen(f"It is {file.status}.")
    await repository.add_entries(tx, file_id, [(on, f"The court decided: {', '.join([verdict, *orders])}", person)])
    await publish(
        tx,
        ProsecutionConcluded(
            file_id=file_id,
            case_id=file.case_id,
            pupil_id=file.pupil_id,
            parent_id=file.parent_id,
            notice_ids=notice_ids(file),
            outcome=verdict,
            acquitted=acquits(verdict),
            concluded_on=on,
        ),
    )


async def withdraw(tx: Transaction, caller: CallerInfo, file_id: UUID, ground: str, reason: str) -> None:
    """Give a file up, before or after the charge."""
    person, file = caller.person(), await _locked(tx, file_id)
    if not await repository.move(tx, file_id, "withdrawn", ended_on=clock.today(), outcome=ground):
        raise FileNotOpen(f"It is {file.status}.")
    await repository.add_entries(tx, file_id, [(clock.today(), f"Given up ({ground}): {reason}", person)])
    await say_withdrawn(tx, file, ground)


async def clear(tx: Transaction, caller: CallerInfo, file_id: UUID, reason: str) -> None:
    """Let a held file go on, because an officer looked at what held it."""
    person, file = caller.person(), await _locked(tx, file_id)
    if outdated := await repository.outdated_service(tx, file):
        raise NotToBeCleared(f"{outdated.cause}. The file waits until the time for paying is over, or the notice is withdrawn.")
    if not await repository.clear_holds(tx, file_id, person, caller.role, reason, clock.today()):
        raise NothingHeld
    await repository.add_entries(tx, file_id, [(clock.today(), f"Cleared: {reason}", person)])


async def _locked(tx: Transaction, file_id: UUID) -> Row[Any]:
    file = await repository.one_file(tx, file_id, lock=True)
    if file is None:
        raise FileNotFound
    return file


def _sessions(file: Row[Any]) -> list[RelianceSession]:
    return [RelianceSession.model_validate(each) for each in file.sessions]
