"""Schools, pupils and registers of the benchmark: those of the synthetic authority, the same every time."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import chain
from uuid import UUID

import orjson

from attendance import synthetic
from services.registers.pupils.domain.upn import check_letter

LA = "881"
FIRST_DAY = date(2026, 9, 2)
REGISTER = 375
"""Marks of one register."""
COUNTING = ("O", "G", "U")
TROUBLED = 0.03
"""The share of pupils who have been in trouble before: those who are absent most."""
NEEDED = 10


@dataclass(frozen=True)
class Register:
    """One school's marks of one session."""

    urn: int
    day: date
    half: str
    codes: Sequence[str]
    """One code per pupil of the school, in order."""


@dataclass
class World:
    """So many schools of 375 pupils, and registers for so many marks in September, October and November 2026."""

    schools: int
    marks: int
    seed: int = 881
    ids: list[UUID] = field(default_factory=list)

    def __post_init__(self) -> None:
        shuffled = random.Random(self.seed)
        # Of version 7, as the product makes them: made one after the other, they begin alike.
        self.ids = [_uuid7(1_788_000_000_000 + number, shuffled) for number in range(self.schools * REGISTER)]

    @cached_property
    def urns(self) -> list[int]:
        return [100_101 + number for number in range(self.schools)]

    @cached_property
    def upns(self) -> list[str]:
        bodies = (f"881{number:09d}" for number in range(len(self.ids)))
        return [check_letter(body) + body for body in bodies]

    @cached_property
    def authority(self) -> list[synthetic.School]:
        """The schools as `attendance simulate` makes them: as absent as was published, and as unevenly."""
        return list(synthetic.schools(self.schools, REGISTER, self.seed))

    @cached_property
    def registers(self) -> list[Register]:
        """All registers, session by session."""
        year = "2026-27"
        days = synthetic.school_days(year)[: -(-self.marks // (2 * REGISTER * self.schools))]
        columns = [
            zip(*(chain(*(synthetic.marks(pupil, school.phase, day, self.seed) for day in days)) for pupil in school.pupils), strict=True)
            for school in self.authority
        ]
        sessions = [(day, half) for day in days for half in ("AM", "PM")]
        made = [
            Register(urn, day, half, codes)
            for (day, half), of_schools in zip(sessions, zip(*columns, strict=True), strict=True)
            for urn, codes in zip(self.urns, of_schools, strict=True)
        ][: -(-self.marks // REGISTER)]
        self._let_the_last_ones_cross(made)
        return made

    @cached_property
    def troubled(self) -> frozenset[int]:
        factors = [pupil.factor for school in self.authority for pupil in school.pupils]
        return frozenset(sorted(range(len(factors)), key=factors.__getitem__)[-int(len(factors) * TROUBLED) :])

    @cached_property
    def met(self) -> frozenset[int]:
        """The pupils who meet the threshold by these registers, found by plain counting: they span fewer than ten school weeks."""
        counts: Counter[int] = Counter()
        for register in self.registers:
            first = (register.urn - self.urns[0]) * REGISTER
            counts.update(first + index for index, code in enumerate(register.codes) if code in COUNTING)
        return frozenset(pupil for pupil, count in counts.items() if count >= NEEDED)

    @cached_property
    def today(self) -> date:
        return self.registers[-1].day

    def body(self, register: Register) -> bytes:
        """Return a register as a school sends it."""
        first = (register.urn - self.urns[0]) * REGISTER
        marks = [{"upn": self.upns[first + index], "code": code} for index, code in enumerate(register.codes)]
        return orjson.dumps({"taken_by": "J. Teacher", "marks": marks})

    def rows(self, register: Register) -> Iterator[tuple[UUID, str]]:
        """Give a register as (pupil, code)."""
        first = (register.urn - self.urns[0]) * REGISTER
        return ((self.ids[first + index], code) for index, code in enumerate(register.codes))

    def _let_the_last_ones_cross(self, made: list[Register]) -> None:
        # The first pupil of each school crosses with the last register of the school: so the last answer has a threshold behind it.
        for urn in self.urns:
            own = [index for index, register in enumerate(made) if register.urn == urn]
            for index in own:
                code = "O" if index in own[-NEEDED:] else _present(made[index].half)
                made[index] = Register(urn, made[index].day, made[index].half, (code, *made[index].codes[1:]))


def sessions_from(first: date, last: date = date(2100, 1, 1)) -> Iterator[tuple[date, str]]:
    """Give the sessions from a day on, Monday to Friday."""
    day = first
    while day <= last:
        if day.weekday() < 5:
            yield day, "AM"
            yield day, "PM"
        day += timedelta(days=1)


def school_year(year: int) -> Iterator[tuple[date, str]]:
    """Give the 380 sessions of a past school year."""
    found = [each for each in sessions_from(date(year, 9, 4), date(year + 1, 7, 20)) if each[0].month != 8]
    return iter(found[:380])


def _present(half: str) -> str:
    return "/" if half == "AM" else "\\"


def _uuid7(milliseconds: int, chance: random.Random) -> UUID:
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (chance.getrandbits(12) << 64) | (0b10 << 62) | chance.getrandbits(62))
