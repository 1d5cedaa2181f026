"""The nightly run, in small: the same pupils as its first, in memory and through PostgreSQL."""

from collections import Counter
from io import StringIO

import pytest
from rich.console import Console

from shared.database import Database
from tests.thresholds import nightly, reference

SEED = 881


def test_the_first_pupils_of_the_nightly_run_agree_in_two_orders():
    assert [nightly.in_memory(number, SEED, Counter()) for number in range(60)] == [None] * 60


async def test_the_first_pupils_of_the_nightly_run_agree_when_they_arrive_mixed(database: Database):
    counted: Counter[str] = Counter()

    assert await nightly.in_database(database, range(0, 400, 40), SEED, counted) == []
    assert counted["events stored"] > 200


async def test_a_rule_that_reads_otherwise_is_found_and_fails_the_run(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reference, "COUNTING", {"essex": "GO", "england": "GNO"})
    out = StringIO()

    assert await nightly.run(Console(file=out), pupils=30, one_in=0, seed=SEED, only=None) == 1
    assert "--only" in out.getvalue()
