"""What comes back after the database went back to an old copy: files and what became of them, from the service's own events and those of penalties.

Answers to gates, clearances, the court's orders and the reasons of people are in no event. So every file that is open is held until an
officer has looked at it.
"""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from services.prosecutions import repository
from services.prosecutions.domain.chronology import Step
from services.prosecutions.domain.files import CourtFile
from services.prosecutions.domain.holds import Cause
from services.prosecutions.use_cases.opening import Opening, opening_of_notice, openings_of_referral, refers_to_court, store_file
from shared import clock
from shared.contracts.penalties import CaseDecided, PaymentOverdue
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionConcluded, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.database import Database, Transaction
from shared.messaging import EventHandlers
from shared.messaging.messages import Transport
from shared.messaging.recovery import NotRecoverable, Recovery, read_topic

RECOVERED = "recovered"
"""Begins the subject of a hold of a file that was open when something was brought back."""
_NOBODY = "not recovered"


class _Origins:
    """What files were opened for, by the log: unpaid notices, and referrals by case and parent."""

    def __init__(self, transport: Transport) -> None:
        self._transport, self._read = transport, False
        self._overdue: dict[UUID, PaymentOverdue] = {}
        self._referrals: dict[tuple[UUID, UUID], list[CaseDecided]] = defaultdict(list)

    async def opening(self, event: ProsecutionFileOpened) -> Opening:
        """Return a file with its first steps as it was opened; raise NotRecoverable where the log does not hold what for."""
        if not self._read:
            await self._read_all()
        if event.notice_ids and (notice := self._overdue.get(event.notice_ids[0])):
            return opening_of_notice(notice, event.file_id, event.opened_on)
        found = [
            opening
            for referral in ([] if event.notice_ids else self._referrals[event.case_id, event.parent_id])
            for opening in openings_of_referral(referral, event.opened_on, [event.parent_id])
        ]
        same = [each for each in found if each.file.id == event.file_id] or [each for each in found if _rests_on_the_same(each.file, event)]
        if not same:
            raise NotRecoverable(
                "what it was opened for is not in the log any more: let penalties publish its state again (attendance replay --state), "
                "then run this again"
            )
        return same[0].under(event.file_id)

    async def _read_all(self) -> None:
        async for message in read_topic(self._transport, PaymentOverdue.topic, PaymentOverdue.type()):
            overdue = PaymentOverdue.model_validate_json(message.body)
            self._overdue[overdue.notice_id] = overdue
        async for message in read_topic(self._transport, CaseDecided.topic, CaseDecided.type()):
            decided = CaseDecided.model_validate_json(message.body)
            for parent_id in decided.parent_ids if refers_to_court(decided) else ():
                self._referrals[decided.case_id, parent_id].append(decided)
        self._read = True


def _rests_on_the_same(file: CourtFile, event: ProsecutionFileOpened) -> bool:
    return {(each.urn, each.date, each.session) for each in file.sessions} == {
        (each.urn, each.date, each.session) for each in event.sessions
    }


def recovery(transport: Transport) -> Recovery:
    """Return what each of the service's events brings back."""
    files = _Files(_Origins(transport))
    handlers = EventHandlers("prosecutions")
    handlers.on(ProsecutionFileOpened)(files.open)
    handlers.on(ProsecutionCharged)(files.charge)
    handlers.on(ProsecutionConcluded)(files.conclude)
    handlers.on(ProsecutionWithdrawn)(files.withdraw)
    return Recovery(handlers, _files_to_look_at, lacks=None)


class _Files:
    """Files as their events bring them back; with each of them, every file that is open is held, once."""

    def __init__(self, origins: _Origins) -> None:
        self._origins = origins

    async def open(self, tx: Transaction, event: ProsecutionFileOpened) -> None:
        await repository.hold_open_files(tx, _cause(), clock.today())
        await repository.lock_pupil(tx, event.pupil_id)
        if await repository.read_file(tx, event.file_id):
            return
        if not await store_file(tx, await self._origins.opening(event)):
            raise NotRecoverable("there is another file for what it was opened for")
        await repository.add_hold(tx, event.file_id, _cause(), clock.today())

    async def charge(self, tx: Transaction, event: ProsecutionCharged) -> None:
        file = await self._lock(tx, event.file_id)
        if file.status == "draft":
            in_time = {(each.urn, each.date, each.session) for each in event.sessions}
            charged = tuple(each for each in file.sessions if (each.urn, each.date, each.session) in in_time)
            await repository.store_charge(tx, file.id, event.charged_on, charged)
            await repository.add_steps(tx, file.id, Step(event.charged_on, f"Charged with {len(charged)} sessions", _NOBODY))

    async def conclude(self, tx: Transaction, event: ProsecutionConcluded) -> None:
        file = await self._lock(tx, event.file_id)
        if file.status == "draft":
            raise NotRecoverable("its charge is not there")
        if await repository.store_end(tx, file.id, "concluded", event.concluded_on, event.outcome):
            await repository.add_steps(tx, file.id, Step(event.concluded_on, f"The court decided: {event.outcome}", _NOBODY))

    async def withdraw(self, tx: Transaction, event: ProsecutionWithdrawn) -> None:
        file = await self._lock(tx, event.file_id)
        stopped = file.status == "draft" and event.reason in ("paid", "notice-withdrawn")
        if await repository.store_end(tx, file.id, "stopped" if stopped else "withdrawn", event.withdrawn_on, event.reason):
            entry = f"Stopped: {event.reason}" if stopped else f"Given up ({event.reason})"
            await repository.add_steps(tx, file.id, Step(event.withdrawn_on, entry, None if stopped else _NOBODY))

    async def _lock(self, tx: Transaction, file_id: UUID) -> CourtFile:
        await repository.hold_open_files(tx, _cause(), clock.today())
        file = await repository.read_file(tx, file_id, lock=True)
        if file is None:
            raise NotRecoverable("its file is not there")
        return file


def _cause() -> Cause:
    return Cause(
        "The database went back to an older copy: answers to gates, clearances and decisions since then are lost",
        f"{RECOVERED} {clock.today()}",
    )


async def _files_to_look_at(database: Database) -> Sequence[str]:
    """Return the files that are held since something was brought back, for an officer."""
    async with database.begin() as tx:
        files = await repository.files_held_for(tx, RECOVERED)
    return [
        f"file {each.id}, {each.status}: answers to gates, clearances, orders and bundles since the copy did not come back"
        for each in files
    ]
