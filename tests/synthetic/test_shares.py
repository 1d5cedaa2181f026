"""The synthetic authority's registers have the published shares of codes."""

from collections import Counter
from datetime import date
from io import StringIO

import pytest
from rich.console import Console

from attendance import synthetic
from attendance.simulation import NEAR, _compare
from shared.attendance.register_codes import codes_on

PHASES = ("primary", "secondary", "special")
SEED = 881
YEAR = "2025-26"


@pytest.fixture(scope="module")
def counted():
    """Sessions by phase and code of a year at ten schools of a hundred pupils: six primary, three secondary, one special."""
    found: dict[str, Counter[str]] = {phase: Counter() for phase in PHASES}
    for school in synthetic.schools(10, 100, SEED):
        for pupil in school.pupils:
            for day in synthetic.school_days(YEAR):
                found[school.phase].update(synthetic.marks(pupil, school.phase, day, SEED))
    return found


@pytest.mark.parametrize("phase", PHASES)
def test_every_code_has_its_published_share_of_a_year(counted, phase):
    codes = counted[phase]

    for code, share in synthetic.shares(phase).items():
        assert abs(codes[code] / codes.total() - share) * 100 < NEAR, code
    assert codes.keys() <= synthetic.shares(phase).keys()


@pytest.mark.parametrize("phase", PHASES)
def test_the_published_shares_are_those_of_all_possible_sessions(phase):
    assert sum(synthetic.shares(phase).values()) == pytest.approx(1)


def test_every_code_is_allowed_in_its_session_and_on_its_day():
    school = next(synthetic.schools(1, 30, SEED))
    for pupil in school.pupils:
        for day in synthetic.school_days("2026-27"):
            for half, code in zip(("AM", "PM"), synthetic.marks(pupil, school.phase, day, SEED), strict=True):
                assert half in codes_on(day)[code].sessions


def test_the_same_seed_gives_the_same_year_and_another_another():
    school = next(synthetic.schools(1, 5, SEED))

    def year(seed):
        return [synthetic.marks(pupil, school.phase, day, seed) for pupil in school.pupils for day in synthetic.school_days(YEAR)]

    assert year(SEED) == year(SEED) != year(SEED + 1)


def test_a_holiday_lasts_a_full_week():
    days = [day for day in synthetic.school_days(YEAR) if date(2025, 9, 8) <= day <= date(2025, 9, 12)]
    away = [
        [synthetic.marks(pupil, school.phase, day, SEED) for day in days]
        for school in synthetic.schools(2, 200, SEED)
        for pupil in school.pupils
        if synthetic.marks(pupil, school.phase, days[0], SEED) == ("G", "G")
    ]

    assert away
    assert all(week == [("G", "G")] * 5 for week in away)


@pytest.mark.parametrize(("shift", "off"), [(0.0, 0), (0.19, 0), (0.21, 1)])
def test_a_code_further_off_than_a_fifth_of_a_point_is_counted(shift, off):
    possible = 10_000_000
    codes = Counter({code: round(share * possible) for code, share in synthetic.shares("primary").items()})
    codes["O"] += round(possible * shift / 100)
    out = Console(file=StringIO())

    assert _compare(out, "primary", codes, Counter(possible=possible, enrolments=1)) == off


def test_a_code_without_a_published_share_is_off_where_its_own_share_is_large():
    possible = 10_000_000
    codes = Counter({code: round(share * possible) for code, share in synthetic.shares("primary").items()})
    out = Console(file=StringIO())

    trifle = _compare(out, "primary", codes + Counter(D=10_000), Counter(possible=possible, enrolments=1))
    more = _compare(out, "primary", codes + Counter(D=21_000), Counter(possible=possible, enrolments=1))

    assert (trifle, more) == (0, 1)
