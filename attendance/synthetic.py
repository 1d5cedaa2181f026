"""A synthetic authority whose registers have the published shares of codes. Nobody in it exists."""

import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

Phase = str
PRESENT = "/"
_CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_FORENAMES = [
    "Ada",
    "Ben",
    "Cara",
    "Dev",
    "Ella",
    "Finn",
    "Gia",
    "Hari",
    "Iris",
    "Jay",
    "Kit",
    "Lena",
    "Max",
    "Nia",
    "Omar",
    "Pia",
    "Quin",
    "Rosa",
    "Sam",
    "Tess",
    "Uma",
    "Vic",
    "Wren",
    "Yusuf",
    "Zoe",
]
_SURNAMES = [
    "Ashdown",
    "Barker",
    "Carter",
    "Dunmow",
    "Easton",
    "Fielder",
    "Galley",
    "Hatfield",
    "Ingram",
    "Jolly",
    "Kemp",
    "Lowe",
    "Mersea",
    "Nunn",
    "Orsett",
    "Potter",
    "Quilter",
    "Roding",
    "Stock",
    "Tilbury",
    "Upton",
    "Viney",
    "Weald",
    "Yeldham",
]
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
class Child:
    """A pupil who does not exist. `factor`: how often they are absent, as a multiple of the average."""

    upn: str
    body: Mapping[str, Any]
    factor: float


@dataclass(frozen=True, slots=True)
class School:
    """A school that does not exist."""

    urn: int
    name: str
    phase: Phase
    children: tuple[Child, ...]


def upn(la_code: str, establishment: str, serial: int) -> str:
    """Return a valid UPN (check letter, authority, establishment, year 20, three-digit serial)."""
    body = f"{la_code}{establishment}20{serial:03d}"
    return _CHECK_LETTERS[sum(weight * int(digit) for weight, digit in enumerate(body, start=2)) % 23] + body


@cache
def shares(phase: Phase) -> Mapping[str, float]:
    """Return the published share of possible sessions by code; both presence marks together under "/"."""
    figures = tomllib.loads((Path(__file__).parent / "data" / "essex_2025_26.toml").read_text(encoding="utf-8"))[phase]
    codes = dict(figures["codes"])
    codes[PRESENT] += codes.pop("\\")
    return {code: number / figures["possible"] for code, number in codes.items()}


def schools(count: int, pupils: int, seed: int, *, first_urn: int = 190001) -> Iterator[School]:
    """Yield schools with their pupils; the same seed gives the same ones."""
    for number in range(count):
        rng = random.Random(f"{seed}/{number}")  # noqa: S311 -- synthetic data
        phase = "secondary" if number % 3 == 0 else "primary"
        town, postcode = _TOWNS[number % len(_TOWNS)]
        kind = "High School" if phase == "secondary" else "Primary School"
        factors = [min(rng.lognormvariate(0, 0.9), 6) for _ in range(pupils)]
        mean = sum(factors) / len(factors)
        children = tuple(_child(rng, number, serial, phase, (town, postcode), factors[serial] / mean) for serial in range(pupils))
        yield School(first_urn + number, f"{town} {_SURNAMES[number % len(_SURNAMES)]} {kind}", phase, children)


def _child(rng: random.Random, school: int, serial: int, phase: Phase, place: tuple[str, str], factor: float) -> Child:
    # Serial numbers have three digits: a school of more than 1,000 pupils spans several establishment numbers.
    number = upn("881", f"{4000 + school * 2 + serial // 1000:04d}", serial % 1000)
    forename, surname = rng.choice(_FORENAMES), rng.choice(_SURNAMES)
    age = rng.randint(12, 15) if phase == "secondary" else rng.randint(6, 10)
    home = [f"{rng.randint(1, 199)} {rng.choice(_STREETS)}", place[0], place[1]]
    parents = [
        {"ref": f"S{serial}-{n}", "forename": rng.choice(_FORENAMES), "surname": surname, "relationship": relationship, "lives_with_pupil": True, "address": home}
        for n, relationship in enumerate(("mother", "father")[: rng.choice((1, 2, 2))])
    ]  # fmt: skip
    body = {
        "forename": forename,
        "surname": surname,
        "date_of_birth": date(2025 - age, rng.randint(1, 8), rng.randint(1, 28)).isoformat(),
        "admitted_on": "2024-09-02" if age > 6 else "2025-09-01",
        "parents": parents,
    }
    return Child(number, body, factor)


def calendar(year: str) -> Mapping[str, Any]:
    """Return a school year's calendar as `registers` takes it."""
    return {
        "terms": [{"start": start, "end": end} for start, end in TERMS[year]],
        "closures": [{"date": day, "kind": "planned", "reason": reason} for day, reason in CLOSURES[year]],
    }


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


def marks(child: Child, phase: Phase, day: date, seed: int) -> tuple[str, str]:
    """Return a child's morning and afternoon code.

    A holiday takes whole weeks, and a day's afternoon mostly follows its morning; neither moves the expected shares.
    """
    absent = {code: share * child.factor for code, share in shares(phase).items() if code != PRESENT}
    holiday = absent.pop("G")
    week = day - timedelta(day.weekday())
    if random.Random(f"{seed}/{child.upn}/{week}").random() < holiday:  # noqa: S311 -- synthetic data
        return "G", "G"
    rng = random.Random(f"{seed}/{child.upn}/{day}")  # noqa: S311 -- synthetic data
    codes = [*absent, PRESENT]
    weights = [share / (1 - holiday) for share in absent.values()]
    weights.append(max(0.0, 1 - sum(weights)))
    morning = rng.choices(codes, weights)[0]
    afternoon = morning if rng.random() < 0.8 else rng.choices(codes, weights)[0]
    return morning, "\\" if afternoon == PRESENT else afternoon
