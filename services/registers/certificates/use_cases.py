"""What a school can certify about a pupil's attendance."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.registers.certificates import repository
from services.registers.certificates.domain import Entry, Tally, once, tally, unauthorised
from services.registers.law import NATIONAL
from services.registers.marks.domain.rolls import Spell
from services.registers.pupils.domain.ages import compulsory_age
from services.registers.pupils.repository import pupils, rolls, same_child
from services.registers.pupils.use_cases.history import LONGEST, PupilNotFound
from services.registers.schools.domain.calendars import Session, bounds
from services.registers.schools.repository.schools import calendars_of
from services.registers.schools.use_cases.access import own_schools, require_area
from services.registers.schools.use_cases.schools import read_school
from shared import clock
from shared.attendance.dates import school_year
from shared.database import Transaction, all_rows_visible
from shared.http import CallerInfo
from shared.problems import Forbidden, Invalid


@dataclass(frozen=True, slots=True)
class Certificate:
    """A pupil's attendance at one school in a period: roll, calendar and age as they now stand, marks as they stood at `as_at`.

    `unmarked`: sessions held while the pupil was on the roll that had no mark at that instant; None where a calendar is missing.
    """

    upn: str
    pupil_id: UUID
    urn: int
    start: date
    end: date
    as_at: datetime
    rolls: list[Spell]
    compulsory_from: date
    compulsory_to: date
    tally: Tally
    unauthorised_sessions: list[Entry]
    flagged: list[Entry]
    unmarked: int | None


async def read_certificate(
    tx: Transaction, caller: CallerInfo, upn: str, urn: int, first: date, last: date, instant: datetime | None
) -> Certificate:
    """Return a pupil's attendance at one school in a period, by the marks as they stood at an instant (none: now).

    Education Act 1996 s.566. Raise PupilNotFound or SchoolNotFound.
    """
    own = await own_schools(tx, caller)
    if own is not None and urn not in own:
        raise Forbidden("This token is not for that school.")
    await require_area(tx, caller, urn)
    if first > last or (last - first).days > LONGEST:
        raise Invalid("`from` is on or before `to`, at most seven years before.")
    as_at = instant or clock.now()
    if as_at.tzinfo is None:
        as_at = as_at.replace(tzinfo=clock.LONDON)
    async with all_rows_visible(tx):  # whose the number is, on whichever record of the child
        pupil = await pupils.pupil_at(tx, urn, upn)
        records = await same_child.child_of(tx, [pupil.id]) if pupil else {}
        born = await same_child.birth_of(tx, records[pupil.id]) if pupil else None
    if pupil is None or born is None:
        raise PupilNotFound
    await read_school(tx, urn)
    spells = [row.spell for rows in (await rolls.rolls_of(tx, records)).values() for row in rows if row.urn == urn]
    held = await _held(tx, urn, first, last)
    stood = [entry for record in sorted(records) for entry in await repository.stood_at(tx, record, urn, first, last, as_at)]
    entries = once(replace(entry, flagged=_flagged(held, spells, (entry.date, entry.session))) for entry in stood)
    begins, ends = compulsory_age(born, NATIONAL)
    marked = {(each.date, each.session) for each in entries}
    until = min(last, clock.civil_date(as_at) if instant else clock.today())
    return Certificate(
        upn=upn,
        pupil_id=pupil.id,
        urn=urn,
        start=first,
        end=last,
        as_at=as_at,
        rolls=spells,
        compulsory_from=begins,
        compulsory_to=ends,
        tally=tally(entries),
        unauthorised_sessions=unauthorised(entries),
        flagged=[each for each in entries if each.flagged],
        unmarked=_unmarked(held, spells, marked, last=until),
    )


async def _held(tx: Transaction, urn: int, first: date, last: date) -> dict[str, set[Session] | None]:
    """Return the sessions held in each school year of a period; None for a year without a calendar."""
    years: dict[str, set[Session] | None] = {}
    day = first
    while day <= last:
        years[school_year(day)] = None
        day = bounds(school_year(day))[1] + timedelta(days=1)
    for each in await calendars_of(tx, [(urn, year) for year in years]):
        halves = each.open_sessions.items()
        years[each.year] = {(day, half) for day, own in halves for half in own if first <= day <= last}
    return years


def _flagged(held: dict[str, set[Session] | None], spells: list[Spell], session: Session) -> bool:
    sessions = held[school_year(session[0])]
    return (sessions is not None and session not in sessions) or not any(spell.covers(session[0]) for spell in spells)


def _unmarked(held: dict[str, set[Session] | None], spells: list[Spell], marked: set[Session], *, last: date) -> int | None:
    """Count the sessions up to a day that were held while the pupil was on the roll and have no mark."""
    expected: set[Session] = set()
    for sessions in held.values():
        if sessions is None:
            return None
        expected |= {each for each in sessions if each[0] <= last and any(spell.covers(each[0]) for spell in spells)}
    return len(expected - marked)
