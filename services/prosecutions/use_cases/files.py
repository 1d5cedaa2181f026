"""Questions about files and time limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.prosecutions import repository
from services.prosecutions.domain.chronology import Step
from services.prosecutions.domain.files import CourtFile, Status
from services.prosecutions.domain.gates import Gate, GateAnswer
from services.prosecutions.domain.holds import Hold
from services.prosecutions.domain.limits import Limits, time_limits
from shared.attendance.law import NATIONAL
from shared.database import Transaction
from shared.database.paging import Listed, PageQuery
from shared.http import CallerInfo, id_in
from shared.problems import NotFound


class FileNotFound(NotFound):
    """There is no such file."""


@dataclass(frozen=True, slots=True)
class FileDetail:
    """A file with its chronology, its gates (each with the latest answer, if any) and its holds."""

    file: CourtFile
    chronology: Sequence[Step]
    gates: Sequence[tuple[Gate, GateAnswer | None]]
    holds: Sequence[Hold]


async def own_file(tx: Transaction, caller: CallerInfo, path: Mapping[str, str]) -> bool:
    """Return whether a file is of the caller's authority."""
    file_id = id_in(path, "file_id")
    file = await repository.read_file(tx, file_id) if file_id else None
    return file is not None and file.la_code == caller.la_code


async def list_files(
    tx: Transaction, caller: CallerInfo, page: PageQuery, *, status: Status | None, upn: str | None, notice_id: UUID | None
) -> Listed[CourtFile]:
    """Return files of the caller's area, the nearest limit first."""
    return await repository.list_files(tx, page, status=status, upn=upn, notice_id=notice_id, la_code=caller.la_code)


async def read_file(tx: Transaction, file_id: UUID) -> FileDetail:
    """Return a file with all that belongs to it; raise FileNotFound."""
    file = await repository.read_file(tx, file_id)
    if file is None:
        raise FileNotFound
    answers = await repository.latest_answers(tx, file_id)
    gates = [(gate, answers.get(gate.id)) for gate in file.gates_to_answer]
    return FileDetail(file, await repository.chronology(tx, file_id), gates, await repository.holds_of(tx, file_id))


def assess_limits(sessions_on: Sequence[date]) -> Limits:
    """Return the time limits of sessions on these days, without storing anything."""
    return time_limits(sessions_on, NATIONAL)
