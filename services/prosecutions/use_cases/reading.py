"""Questions about files and time limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.prosecutions import repository
from services.prosecutions.domain import Gate, Limits, Status, gates_of, time_limits
from services.prosecutions.use_cases.statutes import LAW
from shared.database import Transaction
from shared.http import CallerInfo
from shared.problems import Forbidden, NotFound


class FileNotFound(NotFound):
    """There is no such file."""


@dataclass(frozen=True, slots=True)
class FileDetail:
    """A file with all that belongs to it."""

    file: Row[Any]
    chronology: Sequence[Row[Any]]
    gates: Sequence[tuple[Gate, Row[Any] | None]]
    holds: Sequence[Row[Any]]


async def may_see_file(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> None:
    """Refuse a file of another authority than the token's."""
    if caller.la_code is None:
        return
    try:
        file = await repository.one_file(tx, UUID(path["file_id"]))
    except ValueError:
        return
    if file and not caller.may_see_school(file.urn, file.la_code):
        raise Forbidden("This file is another authority's.")


async def files_page(
    tx: Transaction, caller: CallerInfo, limit: int, after: UUID | None, *, status: Status | None, upn: str | None, notice_id: UUID | None
) -> Sequence[Row[Any]]:
    """Return files of the caller's area, the oldest first."""
    return await repository.list_files(tx, limit + 1, after, status=status, upn=upn, notice_id=notice_id, la_code=caller.la_code)


async def read_file(tx: Transaction, file_id: UUID) -> FileDetail:
    """Return a file with chronology, gates and holds."""
    file = await repository.one_file(tx, file_id)
    if file is None:
        raise FileNotFound
    answers = {each.gate: each for each in await repository.answers(tx, file_id)}
    gates = [(gate, answers.get(gate.id)) for gate in gates_of(file.offence, notice=file.notice_id is not None)]
    return FileDetail(file, await repository.chronology(tx, file_id), gates, await repository.holds_of(tx, file_id))


def assess_limits(sessions_on: Sequence[date]) -> Limits:
    """Return the time limits of sessions, without storing anything."""
    return time_limits(sessions_on, LAW)
