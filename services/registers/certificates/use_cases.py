"""What a school can certify about a pupil's attendance."""

from datetime import date, datetime, timedelta

from services.registers.certificates import repository
from services.registers.certificates.domain import Entry, category, once, percentage, tally, unauthorised
from services.registers.certificates.schemas import CertificateOut, CertifiedSession, FlaggedSession, OnRoll, Percentages
from services.registers.marks.domain.rolls import Spell
from services.registers.pupils.repository import pupils, same_child
from services.registers.pupils.use_cases.history import LONGEST, PupilNotFound
from services.registers.pupils.use_cases.publishing import compulsory_age
from services.registers.schools.domain.calendars import Session, bounds, school_year
from services.registers.schools.repository import schools
from services.registers.schools.use_cases.access import own_schools
from services.registers.schools.use_cases.schools import read_school
from shared import clock
from shared.database import Transaction, all_rows_visible
from shared.http import CallerInfo
from shared.problems import Forbidden, Invalid


async def read_certificate(
    tx: Transaction, caller: CallerInfo, upn: str, urn: int, first: date, last: date, instant: datetime | None
) -> CertificateOut:
    """Return a pupil's attendance at one school in a period, by the marks as they stood at an instant (none: now).

    Education Act 1996 s.566. Roll, calendar and age are as they now stand. Raise PupilNotFound or SchoolNotFound.
    """
    own = await own_schools(tx, caller)
    if own is not None and urn not in own:
        raise Forbidden("This token is not for that school.")
    if first > last or (last - first).days > LONGEST:
        raise Invalid("`from` is on or before `to`, at most seven years before.")
    as_at = instant or clock.now()
    if as_at.tzinfo is None:
        as_at = as_at.replace(tzinfo=clock.LONDON)
    async with all_rows_visible(tx):  # whose the number is, on whichever record of the child
        pupil = await pupils.pupil_by_upn(tx, upn)
        records = await same_child.together(tx, [pupil.id]) if pupil else {}
        born = await same_child.birth_of(tx, records[pupil.id]) if pupil else None
    if pupil is None or born is None:
        raise PupilNotFound
    await read_school(tx, urn)
    rolls = await pupils.rolls_of(tx, records)
    spells = [Spell(row.urn, row.admitted_on, row.left_on) for rows in rolls.values() for row in rows if row.urn == urn]
    held = await _held(tx, urn, first, last)
    rows = [row for record in sorted(records) for row in await repository.stood_at(tx, record, urn, first, last, as_at)]
    entries = once(
        Entry(row.date, row.session, row.code, row.version, row.received_at, _flagged(held, spells, (row.date, row.session)))
        for row in rows
    )
    counted, (begins, ends) = tally(entries), compulsory_age(born)
    return CertificateOut(
        upn=upn,
        pupil_id=str(pupil.id),
        urn=urn,
        start=first,
        end=last,
        as_at=as_at,
        rolls=[OnRoll(admitted_on=each.admitted_on, left_on=each.left_on) for each in spells],
        compulsory_from=begins,
        compulsory_to=ends,
        possible=counted.possible,
        attended=counted.attended,
        authorised=counted.authorised,
        unauthorised=counted.unauthorised,
        not_possible=counted.not_possible,
        codes=dict(sorted(counted.codes.items())),
        percentages=Percentages(
            attended=_per_cent(counted.attended, counted.possible),
            authorised=_per_cent(counted.authorised, counted.possible),
            unauthorised=_per_cent(counted.unauthorised, counted.possible),
        ),
        unauthorised_sessions=[CertifiedSession.model_validate(each) for each in unauthorised(entries)],
        flagged=[_shown_apart(each) for each in entries if each.flagged],
        unmarked=_unmarked(
            held,
            spells,
            {(each.date, each.session) for each in entries},
            last=min(last, clock.civil_date(as_at) if instant else clock.today()),
        ),
    )


async def _held(tx: Transaction, urn: int, first: date, last: date) -> dict[str, set[Session] | None]:
    """Return the sessions held in each school year of a period; None for a year without a calendar."""
    years: dict[str, set[Session] | None] = {}
    day = first
    while day <= last:
        years[school_year(day)] = None
        day = bounds(school_year(day))[1] + timedelta(days=1)
    for each in await schools.calendars_of(tx, [(urn, year) for year in years]):
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


def _shown_apart(entry: Entry) -> FlaggedSession:
    known = CertifiedSession.model_validate(entry).model_dump()
    return FlaggedSession(**known, category=category(entry.code, entry.date))


def _per_cent(part: int, whole: int) -> float | None:
    share = percentage(part, whole)
    return None if share is None else float(share)
