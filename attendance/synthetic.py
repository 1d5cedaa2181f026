"""A synthetic authority whose registers have the published shares of codes. Nobody in it exists."""

import random
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path

from pydantic import JsonValue

Phase = str
PRESENT = ("/", "\\")
"""Here when the register was taken, by halves of the day."""
_CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_FORENAMES = [
    "Ada", "Ben", "Cara", "Dev", "Ella", "Finn", "Gia", "Hari", "Iris", "Jay", "Kit", "Lena", "Max", "Nia", "Omar", "Pia", "Quin",
    "Rosa", "Sam", "Tess", "Uma", "Vic", "Wren", "Yusuf", "Zoe",
]  # fmt: skip
_SURNAMES = [
    "Ashdown", "Barker", "Carter", "Dunmow", "Easton", "Fielder", "Galley", "Hatfield", "Ingram", "Jolly", "Kemp", "Lowe",
    "Mersea", "Nunn", "Orsett", "Potter", "Quilter", "Roding", "Stock", "Tilbury", "Upton", "Viney", "Weald", "Yeldham",
]  # fmt: skip
_STREETS = ["Mill Lane", "Station Road", "Church Street", "High Road", "The Green", "Orchard Close"]
_TOWNS = (
    ("Braintree", "CM7 9ZZ"),
    ("Clacton-on-Sea", "CO15 9ZZ"),
    ("Harlow", "CM20 9ZZ"),
    ("Basildon", "SS14 9ZZ"),
    ("Chelmsford", "CM1 9ZZ"),
)

TERMS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "2025-26": (
        ("2025-09-02", "2025-10-24"),
        ("2025-11-03", "2025-12-19"),
        ("2026-01-05", "2026-02-13"),
        ("2026-02-23", "2026-03-27"),
        ("2026-04-13", "2026-05-22"),
        ("2026-06-01", "2026-07-21"),
    ),
    "2026-27": (
        ("2026-09-02", "2026-10-23"),
        ("2026-11-02", "2026-12-18"),
        ("2027-01-05", "2027-02-12"),
        ("2027-02-22", "2027-03-25"),
        ("2027-04-12", "2027-05-28"),
        ("2027-06-07", "2027-07-21"),
    ),
}
CLOSURES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "2025-26": (("2025-09-02", "INSET day"), ("2025-11-03", "INSET day"), ("2026-05-04", "Bank holiday"), ("2026-06-01", "INSET day")),
    "2026-27": (("2026-09-02", "INSET day"), ("2026-11-02", "INSET day"), ("2027-05-03", "Bank holiday"), ("2027-06-07", "INSET day")),
}


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil who does not exist. `factor`: how often they are absent, as a multiple of the average."""

    upn: str
    body: Mapping[str, JsonValue]
    factor: float


@dataclass(frozen=True, slots=True)
class School:
    """A school that does not exist."""

    urn: int
    name: str
    phase: Phase
    pupils: tuple[Pupil, ...]


def upn(la_code: str, establishment: str, serial: int) -> str:
    """Return a valid UPN (check letter, authority, establishment, year 20, three-digit serial)."""
    body = f"{la_code}{establishment}20{serial:03d}"
    return _CHECK_LETTERS[sum(weight * int(digit) for weight, digit in enumerate(body, start=2)) % 23] + body


_SPREAD: Mapping[Phase, float] = {"primary": 0.9, "secondary": 1.5, "special": 1.2}
"""How unevenly absence falls on the pupils: about as many are persistently absent as were published."""
PERSISTENTLY_ABSENT: Mapping[Phase, float] = {"primary": 14.05, "secondary": 23.7, "special": 33.4}
"""The published share of pupils, in per cent, who missed a tenth or more of their possible sessions (the same source as the shares)."""
_THE_SAME_FOR_ALL = {"B", "K", "P", "V", "W"}
"""Education off site, which comes to all alike."""


@cache
def published(phase: Phase) -> Mapping[str, int]:
    """Return the published number of sessions by code, and of all possible sessions under `possible`."""
    figures = tomllib.loads((Path(__file__).parent / "data" / "essex_2025_26.toml").read_text(encoding="utf-8"))[phase]
    return {"possible": figures["possible"], **figures["codes"]}


@cache
def shares(phase: Phase) -> Mapping[str, float]:
    """Return the published share of possible sessions by code; mornings and afternoons together, so each mark of presence has about half."""
    codes = dict(published(phase))
    possible = codes.pop("possible")
    return {code: number / possible for code, number in codes.items()}


@cache
def _half_shares(phase: Phase) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Return the share of every code but presence among mornings, and among afternoons.

    Presence differs between the halves of the day. Where the mornings have less, the rest of them are late; where the afternoons have
    less, the rest are part-time timetables. That code stands last.
    """
    codes = dict(shares(phase))
    more_in_mornings = codes.pop(PRESENT[1]) - codes.pop(PRESENT[0])
    code = "L" if more_in_mornings > 0 else "C2"
    share = codes.pop(code)
    return {**codes, code: share + more_in_mornings}, {**codes, code: share - more_in_mornings}


def schools(count: int, pupils: int, seed: int, *, first_urn: int = 190001) -> Iterator[School]:
    """Yield schools with their pupils; the same seed gives the same ones."""
    for number in range(count):
        rng = random.Random(f"{seed}/{number}")  # noqa: S311 -- synthetic data
        phase = "special" if number % 10 == 9 else "secondary" if number % 3 == 0 else "primary"
        town, postcode = _TOWNS[number % len(_TOWNS)]
        kind = "High School" if phase == "secondary" else f"{phase.title()} School"
        factors = [min(rng.lognormvariate(0, _SPREAD[phase]), 12) for _ in range(pupils)]
        mean = sum(factors) / len(factors)
        made = tuple(_pupil(rng, number, serial, phase, (town, postcode), factors[serial] / mean) for serial in range(pupils))
        yield School(first_urn + number, f"{town} {_SURNAMES[number % len(_SURNAMES)]} {kind}", phase, made)


def _pupil(rng: random.Random, school: int, serial: int, phase: Phase, town: tuple[str, str], factor: float) -> Pupil:
    # Serial numbers have three digits: a school of more than 1,000 pupils spans several establishment numbers.
    number = upn("881", f"{4000 + school * 2 + serial // 1000:04d}", serial % 1000)
    forename, surname = rng.choice(_FORENAMES), rng.choice(_SURNAMES)
    age = rng.randint(*{"primary": (6, 10), "secondary": (12, 15), "special": (6, 15)}[phase])
    home: list[JsonValue] = [f"{rng.randint(1, 199)} {rng.choice(_STREETS)}", *town]
    parents: list[JsonValue] = [
        {"ref": f"S{serial}-{n}", "forename": rng.choice(_FORENAMES), "surname": surname, "relationship": relationship, "lives_with_pupil": True, "address": home}
        for n, relationship in enumerate(("mother", "father")[: rng.choice((1, 2, 2))])
    ]  # fmt: skip
    body: dict[str, JsonValue] = {
        "forename": forename,
        "surname": surname,
        "date_of_birth": date(2025 - age, rng.randint(1, 8), rng.randint(1, 28)).isoformat(),
        "admitted_on": "2024-09-02" if age > 6 else "2025-09-01",
        "parents": parents,
    }
    return Pupil(number, body, factor)


def calendar(year: str) -> Mapping[str, JsonValue]:
    """Return a school year's calendar in the shape that `registers` accepts."""
    return {
        "terms": [{"start": start, "end": end} for start, end in TERMS[year]],
        "closures": [{"date": day, "kind": "planned", "reason": reason} for day, reason in CLOSURES[year]],
    }


@cache
def school_days(year: str) -> Sequence[date]:
    """Return the days on which the synthetic schools are open."""
    closed = {date.fromisoformat(day) for day, _ in CLOSURES[year]}
    days: list[date] = []
    for start, end in TERMS[year]:
        day = date.fromisoformat(start)
        while day <= date.fromisoformat(end):
            if day.weekday() < 5 and day not in closed:
                days.append(day)
            day += timedelta(1)
    return days


def marks(pupil: Pupil, phase: Phase, day: date, seed: int) -> tuple[str, str]:
    """Return a pupil's morning and afternoon code of a school day.

    A holiday takes whole weeks, and a day's afternoon mostly follows its morning; neither moves the expected shares.
    """
    year = next(year for year, terms in TERMS.items() if date.fromisoformat(terms[0][0]) <= day <= date.fromisoformat(terms[-1][1]))
    return _year_of(pupil.upn, pupil.factor, phase, year, seed)[day]


@lru_cache(maxsize=10_000)
def _year_of(number: str, factor: float, phase: Phase, year: str, seed: int) -> Mapping[date, tuple[str, str]]:
    """Return a pupil's codes of a year.

    Every day draws from its own slice of the shares, slices and days shuffled: over the year each code falls to the pupil about as often
    as its share requires, on any days. So a few hundred pupils already show the shares of a hundred thousand.
    """
    rng = random.Random(f"{seed}/{number}/{year}")  # noqa: S311 -- synthetic data
    days = school_days(year)
    holiday = min(shares(phase)["G"] * factor, 1.0)
    away = {monday for monday in sorted({day - timedelta(day.weekday()) for day in days}) if rng.random() < holiday}
    codes = [code for code in _half_shares(phase)[0] if code != "G"]
    ends = [
        list(accumulate(share[code] * (1 if code in _THE_SAME_FOR_ALL else factor) / (1 - holiday) for code in codes))
        for share in _half_shares(phase)
    ]
    first, second = _slices(rng, len(days)), _slices(rng, len(days))
    found: dict[date, tuple[str, str]] = {}
    for position, day in enumerate(days):
        if day - timedelta(day.weekday()) in away:
            found[day] = "G", "G"
            continue
        drawn = first[position], first[position] if rng.random() < 0.8 else second[position]
        indices = [bisect_right(ends[half], drawn[half]) for half in (0, 1)]
        morning, afternoon = (codes[index] if index < len(codes) else PRESENT[half] for half, index in enumerate(indices))
        found[day] = morning, afternoon
    return found


def _slices(rng: random.Random, count: int) -> list[float]:
    order = list(range(count))
    rng.shuffle(order)
    return [(slice_number + rng.random()) / count for slice_number in order]
