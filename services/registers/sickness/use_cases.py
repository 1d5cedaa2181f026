"""List the marks about which is asked whether the child was turned away, and store what a named person answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from services.registers.law import law_of
from services.registers.marks.domain.granted_leave import PupilSession
from services.registers.marks.repository import marks, register_times
from services.registers.marks.repository.register_times import MarkOfPupilRow
from services.registers.marks.use_cases.registers import lock_mark
from services.registers.schools.domain.schools import Policy
from services.registers.schools.repository import policies
from services.registers.schools.use_cases.schools import read_school
from services.registers.sickness import repository
from services.registers.sickness.domain import (
    ABSENT,
    ILL,
    MarkedSession,
    SicknessAnswer,
    earliest_illness,
    illness_before,
    sickness_rule_on,
)
from services.registers.unresolved.use_cases import school_days
from shared import clock
from shared.attendance.sessions import Half
from shared.database import Transaction
from shared.http import CallerInfo
from shared.problems import Conflict, Invalid

LONGEST, LONGEST_OF_PUPIL = 31, 366
"""Days that one list covers, and one about a single pupil."""
LONGEST_HOLIDAY = timedelta(days=92)
"""School days are looked for so long before the first absence."""


@dataclass(frozen=True, slots=True)
class Question:
    """An O shortly after an illness, by which rule of the school it is asked about, and what was answered about this version of it."""

    pupil_id: UUID
    upn: str
    forename: str
    surname: str
    ill_on: date
    date: date
    session: Half
    version: int
    rule_hours: int
    answer: SicknessAnswer | None


class NothingToAnswer(Conflict):
    """Nothing is asked about this mark."""


async def read_questions(tx: Transaction, urn: int, first: date, last: date, upn: str | None = None) -> list[Question]:
    """Return what is asked about a school's marks of a period, or about those of one pupil; raise SchoolNotFound."""
    longest = LONGEST if upn is None else LONGEST_OF_PUPIL
    if first > last or (last - first).days >= longest:
        raise Invalid(f"`from` is on or before `to`, at most {longest} days in all.")
    school = await read_school(tx, urn)
    rules = await policies.policies(tx, urn)
    if not any(each.sickness_rule_hours for each in rules):
        return []
    pupils = None if upn is None else {each.pupil_id for each in (await marks.roll(tx, urn, [upn])).values()}
    absent = await register_times.marks_with_code(tx, urn, first, last, ABSENT, pupils)
    return await _asked(tx, urn, school.la_code, rules, [each for each in absent if sickness_rule_on(rules, each.date)])


async def _asked(tx: Transaction, urn: int, la_code: str, rules: Sequence[Policy], absent: Sequence[MarkOfPupilRow]) -> list[Question]:
    if not absent:
        return []
    sessions, law = [_session(each) for each in absent], law_of(la_code)
    first, last, pupils = min(sessions).date, max(sessions).date, {each.pupil_id for each in absent}
    days = (await school_days(tx, {urn: (first - LONGEST_HOLIDAY, last)}))[urn]
    within = {day: law.at("sickness_rule_days", day).value for day in {each.date for each in sessions}}
    since = earliest_illness(sessions, days, max(within.values()))
    ill = await register_times.marks_with_code(tx, urn, since, last, ILL, pupils)
    answered = await repository.answers(tx, urn, pupils, first, last)
    found = []
    for each in absent:
        of_pupil = (_session(one) for one in ill if one.pupil_id == each.pupil_id)
        illness = illness_before(_session(each), of_pupil, days, within[each.date])
        rule = sickness_rule_on(rules, each.date)
        if illness and rule:
            answer = answered.get(PupilSession(each.date, each.session, each.pupil_id))
            found.append(
                Question(
                    pupil_id=each.pupil_id,
                    upn=each.upn,
                    forename=each.forename,
                    surname=each.surname,
                    date=each.date,
                    session=each.session,
                    version=each.version,
                    ill_on=illness.date,
                    rule_hours=rule,
                    answer=answer if answer and answer.version == each.version else None,
                )
            )
    return found


async def answer(
    tx: Transaction, caller: CallerInfo, urn: int, day: date, session: Half, upn: str, *, turned_away: bool, reason: str
) -> Question:
    """Store what a named person answers about a mark, which is locked; the last answer holds. Raise MarkNotFound or NothingToAnswer."""
    person = caller.person()
    _, pupil, _ = await lock_mark(tx, urn, day, session, upn)
    asked = _of(await read_questions(tx, urn, day, day, upn), session)
    if asked is None:
        raise NothingToAnswer("The mark is no O within the days of a sickness rule after an illness, as it now stands.")
    given = SicknessAnswer(asked.version, turned_away, reason, person, clock.now())
    await repository.add_answer(tx, urn, PupilSession(day, session, pupil.pupil_id), given, caller.subject)
    return replace(asked, answer=given)


def _of(asked: Iterable[Question], session: Half) -> Question | None:
    return next((each for each in asked if each.session == session), None)


def _session(mark: MarkOfPupilRow) -> MarkedSession:
    return MarkedSession(mark.date, mark.session)
