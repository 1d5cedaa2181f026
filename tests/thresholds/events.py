"""Events in few words: one pupil, unless another is named."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from services.thresholds.app import SERVICE
from services.thresholds.domain.sessions import Session
from shared.attendance.sessions import Half
from shared.contracts.event import Event, RelianceSession
from shared.contracts.penalties import CaseClosed, NoticeIssued, NoticeKind, NoticeWithdrawn
from shared.contracts.prosecutions import ProsecutionCharged, ProsecutionFileOpened, ProsecutionWithdrawn
from shared.contracts.registers import CalendarChanged, OpenDay, RecordedMark, RollChanged, RollSpell, SessionRecorded
from shared.database import Database
from shared.ids import new_id
from tests.support import deliver, outbox
from tests.thresholds.builders import ELSEWHERE, ESSEX, A, B, C, open_sessions

AUTHORITIES = {A: ESSEX, B: ELSEWHERE, C: ESSEX}
UPN = "L881200024001"
PUPIL, OTHER = new_id(), new_id()
ISSUED = date(2026, 11, 16)


def recorded(
    session: Session,
    code: str,
    urn: int = A,
    *,
    version: int = 1,
    before: str | None = None,
    pupil: UUID = PUPIL,
    dual: bool = False,
    on_leave: bool = False,
    revision: int | None = None,
) -> SessionRecorded:
    """A register in which one mark changed."""
    mark = RecordedMark(pupil_id=pupil, code=code, previous_code=before, version=version, dual=dual, covered_by_leave=on_leave)
    return SessionRecorded(
        school=urn, la_code=AUTHORITIES[urn], date=session.date, session=session.half, revision=revision or version, marks=(mark,)
    )


def absences(sessions: Iterable[Session], code: str = "O", urn: int = A) -> list[Event]:
    """Registers with the same first mark."""
    return [recorded(session, code, urn) for session in sessions]


def enrolled(
    *spells: tuple[int, str, str | None],
    revision: int = 1,
    pupil: UUID = PUPIL,
    upn: str = UPN,
    former: Iterable[str] = (),
    asserted: Iterable[str] = (),
    compulsory_from: str = "2019-01-01",
) -> RollChanged:
    """A pupil's rolls: by default at school A for long."""
    rolls = tuple(
        RollSpell(urn=urn, la_code=AUTHORITIES[urn], admitted_on=date.fromisoformat(first), left_on=last and date.fromisoformat(last))
        for urn, first, last in spells or ((A, "2025-09-01", None),)
    )
    return RollChanged(
        pupil_id=pupil,
        upn=upn,
        compulsory_from=date.fromisoformat(compulsory_from),
        compulsory_to=date(2031, 6, 27),
        rolls=rolls,
        revision=revision,
        former_upns=tuple(former),
        asserted_upns=tuple(asserted),
    )


def calendar(sessions: Iterable[Session], year: int = 2026, urn: int = A, *, revision: int = 1) -> CalendarChanged:
    """A school's calendar of one school year."""
    by_day: dict[date, list[Half]] = {}
    for session in sessions:
        by_day.setdefault(session.date, []).append(session.half)
    open_ = tuple(OpenDay(date=day, sessions=tuple(halves)) for day, halves in sorted(by_day.items()))
    return CalendarChanged(school=urn, la_code=AUTHORITIES[urn], year=f"{year}-{(year + 1) % 100:02d}", open=open_, revision=revision)


def calendars_a(urn: int = A) -> list[Event]:
    """Calendar A of the handbook, for both of its school years."""
    return [calendar([s for s in open_sessions() if (s.date < date(2026, 9, 1)) == (year == 2025)], year, urn) for year in (2025, 2026)]


def relied(sessions: Iterable[Session], code: str = "O", urn: int = A, version: int = 1) -> tuple[RelianceSession, ...]:
    """Sessions as something relies on them."""
    return tuple(RelianceSession(date=s.date, session=s.half, code=code, urn=urn, version=version) for s in sessions)


def issued(
    sessions: Iterable[Session], kind: NoticeKind = "penalty-notice", *, notice: UUID | None = None, code: str = "O"
) -> NoticeIssued:
    """A notice to one parent."""
    return NoticeIssued(
        notice_id=notice or new_id(),
        kind=kind,
        case_id=new_id(),
        pupil_id=PUPIL,
        parent_id=new_id(),
        urn=A,
        la_code=ESSEX,
        sessions=relied(sessions, code),
        issued_on=ISSUED,
    )


def withdrawn(notice: NoticeIssued, *, restores: bool) -> NoticeWithdrawn:
    """A notice withdrawn, on a ground that allows a new one or not."""
    return NoticeWithdrawn(
        notice_id=notice.notice_id,
        kind=notice.kind,
        case_id=notice.case_id,
        pupil_id=notice.pupil_id,
        parent_id=notice.parent_id,
        ground="material-error" if restores else "no-proceedings",
        withdrawn_on=ISSUED,
        restores=restores,
    )


def closed(run_id: UUID, set_aside_to: str | None, *, pupil: UUID = PUPIL) -> CaseClosed:
    """A case closed, with or without setting sessions aside."""
    to = date.fromisoformat(set_aside_to) if set_aside_to else None
    return CaseClosed(
        case_id=new_id(), run_id=run_id, pupil_id=pupil, outcome="no-action" if to else "paid", closed_on=ISSUED, set_aside_to=to
    )


def file_opened(sessions: Iterable[Session], notices: Iterable[UUID] = ()) -> ProsecutionFileOpened:
    """A draft court file."""
    return ProsecutionFileOpened(
        file_id=new_id(),
        offence="s444",
        case_id=new_id(),
        pupil_id=PUPIL,
        parent_id=new_id(),
        notice_ids=tuple(notices),
        sessions=relied(sessions),
        safe_limit=date(2027, 3, 14),
        outer_limit=date(2027, 3, 18),
        opened_on=ISSUED,
    )


def charged(file: ProsecutionFileOpened) -> ProsecutionCharged:
    """The charge that a file led to."""
    return ProsecutionCharged(
        file_id=file.file_id,
        case_id=file.case_id,
        pupil_id=file.pupil_id,
        parent_id=file.parent_id,
        sessions=file.sessions,
        charged_on=ISSUED,
    )


def given_up(file: ProsecutionFileOpened) -> ProsecutionWithdrawn:
    """A file that the authority gave up."""
    return ProsecutionWithdrawn(
        file_id=file.file_id,
        case_id=file.case_id,
        pupil_id=file.pupil_id,
        parent_id=file.parent_id,
        notice_ids=file.notice_ids,
        reason="notice-withdrawn",
        withdrawn_on=ISSUED,
    )


class Story:
    """What has arrived at the service, and what it has published of it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._seen = 0

    async def arrives(self, *events: Event) -> list[Event]:
        """Deliver events one by one; return the events that the service then publishes."""
        for event in events:
            await deliver(self.database, SERVICE, event)
        return await self._published()

    async def arrives_at_once(self, *events: Event) -> list[Event]:
        """Deliver events in one transaction; return the events that the service then publishes."""
        await deliver(self.database, SERVICE, *events)
        return await self._published()

    async def _published(self) -> list[Event]:
        async with self.database.begin() as tx:
            everything = await outbox(tx)
        new, self._seen = everything[self._seen :], len(everything)
        return new
