"""A mark is put into quarantine, and found there, by its key: at the same cost however many others wait."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, text

from services.registers.imports.repository import imported_marks
from services.registers.imports.repository.imported_marks import SessionKey
from services.registers.marks.domain.registers import SentMark

URN, UPN = 100101, "A881400020001"
_WAITING = text("""
    INSERT INTO quarantine (urn, date, session, upn, code, reason, revision)
    SELECT :urn, CAST('2006-09-01' AS date) + number / 20, 'AM', :upn, 'X' || number % 20, 'unknown-upn', 1 FROM generate_series(1, :count) AS number
""")
# What this transaction has read so far.
_READ = text("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'quarantine'")


def lines(count, code="X1"):
    days = [date(2026, 9, 1) + timedelta(number) for number in range(count)]
    return [(SessionKey(day, "AM"), 7, SentMark(UPN, code, None), "unknown-upn") for day in days]


@pytest.mark.parametrize("waiting", [1_000, 20_000])
async def test_lines_of_one_pupil_are_compared_with_those_of_their_own_session(tx, waiting):
    await tx.execute(_WAITING, {"urn": URN, "upn": UPN, "count": waiting})
    await imported_marks.quarantine_marks(tx, URN, lines(200))
    before = (await tx.execute(_READ)).scalar_one()

    assert await imported_marks.quarantine_marks(tx, URN, lines(400)) == {7}

    assert (await tx.execute(_READ)).scalar_one() - before <= 400
    assert (await tx.execute(text("SELECT count(*) FROM quarantine"))).scalar_one() == waiting + 400


async def test_a_statement_takes_a_limited_number_of_lines(tx, monkeypatch):
    monkeypatch.setattr(imported_marks, "LINES_PER_STATEMENT", 100)
    taken = []

    @event.listens_for(tx.sync_connection, "before_cursor_execute")
    def note(_connection, _cursor, statement, values, *_):
        if "INSERT INTO quarantine" in statement:
            taken.append(max(len(value) for value in values if isinstance(value, list)))

    await imported_marks.quarantine_marks(tx, URN, lines(250))

    assert taken == [100, 100, 50]


async def test_lines_that_are_alike_are_kept_once_in_the_order_of_the_last_of_each(tx):
    first, second, third = lines(3)

    await imported_marks.quarantine_marks(tx, URN, [second, first, second, third, first])
    await imported_marks.quarantine_marks(tx, URN, [third, *lines(1, "X2")])

    rows = await tx.execute(text("SELECT date, code FROM quarantine ORDER BY id"))
    assert [(row.date.day, row.code) for row in rows] == [(2, "X1"), (3, "X1"), (1, "X1"), (1, "X2")]
