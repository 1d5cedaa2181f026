"""Officers' decisions on a file, each by a named person."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.prosecutions import repository
from services.prosecutions.domain.chronology import Step
from services.prosecutions.domain.files import CourtFile, Verdict, acquits, changed_serving, obstacles_to_charge
from services.prosecutions.domain.gates import Answer, GateAnswer
from services.prosecutions.domain.limits import split_by_time
from services.prosecutions.use_cases.files import FileNotFound
from services.prosecutions.use_cases.holds import give_up
from shared import clock
from shared.attendance.law import NATIONAL
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, WithdrawalGround
from shared.database import Transaction
from shared.http import CallerInfo
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
    """No officer can clear what holds this file."""


class DayAhead(Invalid):
    """This day lies ahead."""


class BeforeTheCharge(Conflict):
    """The court decides on a charge, not before it."""


async def answer_gate(tx: Transaction, caller: CallerInfo, file_id: UUID, gate: str, answer: Answer, reason: str) -> None:
    """Record an officer's answer to one gate of a draft."""
    person, file = caller.person(), await _lock(tx, file_id)
    if gate not in {each.id for each in file.gates_to_answer}:
        raise GateNotFound
    if file.status != "draft":
        raise FileNotOpen(f"It is {file.status}.")
    await repository.add_answer(tx, file_id, GateAnswer(gate, answer, reason, person, caller.role, clock.today()))


async def charge(tx: Transaction, caller: CallerInfo, file_id: UUID, charged_on: date) -> None:
    """Record that a charge was brought: its sessions are spent; those that are time-barred are left out of it."""
    person, file = caller.person(), await _lock(tx, file_id)
    if file.status != "draft":
        raise FileNotOpen(f"It is {file.status}.")
    obstacles = obstacles_to_charge(
        file,
        await repository.latest_answers(tx, file_id),
        await repository.holds_of(tx, file_id),
        (await repository.notice_state(tx, file.notice_id)).ended,
        charged_on,
        clock.today(),
    )
    if obstacles:
        raise FileNotReady(
            "; ".join(f"{each.what}: {each.why}" for each in obstacles),
            missing=[each.what for each in obstacles],
            obstacles=[{"code": each.what, "detail": f"{each.what}: {each.why}"} for each in obstacles],
        )
    in_time, barred = split_by_time(file.sessions, lambda each: each.date, charged_on, NATIONAL)
    await repository.store_charge(tx, file_id, charged_on, in_time)
    left_out = f"; {len(barred)} time-barred left out" if barred else ""
    await repository.add_steps(tx, file_id, Step(charged_on, f"Charged with {len(in_time)} sessions{left_out}", person))
    await publish(tx, ProsecutionCharged.of(file, file_id=file.id, sessions=in_time, charged_on=charged_on))


async def conclude(tx: Transaction, caller: CallerInfo, file_id: UUID, verdict: Verdict, orders: Sequence[str], on: date) -> None:
    """Record what the court decided on a charge."""
    person, file = caller.person(), await _lock(tx, file_id)
    if on > clock.today():
        raise DayAhead
    if file.charged_on and on < file.charged_on:
        raise BeforeTheCharge(f"The charge was brought on {file.charged_on}.")
    if not await repository.store_end(tx, file_id, "concluded", on, verdict, tuple(orders)):
        raise FileNotOpen(f"It is {file.status}.")
    await repository.add_steps(tx, file_id, Step(on, f"The court decided: {', '.join([verdict, *orders])}", person))
    decided = {"outcome": verdict, "acquitted": acquits(verdict), "concluded_on": on}
    await publish(tx, ProsecutionConcluded.of(file, file_id=file.id, **decided))


async def withdraw(tx: Transaction, caller: CallerInfo, file_id: UUID, ground: WithdrawalGround, reason: str) -> None:
    """Give a file up, before or after the charge."""
    person, file = caller.person(), await _lock(tx, file_id)
    if not await give_up(tx, file, "withdrawn", ground, Step(clock.today(), f"Given up ({ground}): {reason}", person)):
        raise FileNotOpen(f"It is {file.status}.")


async def clear(tx: Transaction, caller: CallerInfo, file_id: UUID, reason: str) -> None:
    """Clear the holds of a file, because an officer looked at their causes."""
    person, file = caller.person(), await _lock(tx, file_id)
    if cause := changed_serving(file, await repository.notice_state(tx, file.notice_id)):
        raise NotToBeCleared(f"{cause.text}. The file waits until the time for paying is over, or the notice is withdrawn.")
    if not await repository.clear_holds(tx, file_id, person, caller.role, reason, clock.today()):
        raise NothingHeld
    await repository.add_steps(tx, file_id, Step(clock.today(), f"Cleared: {reason}", person))


async def _lock(tx: Transaction, file_id: UUID) -> CourtFile:
    file = await repository.read_file(tx, file_id, lock=True)
    if file is None:
        raise FileNotFound
    return file
