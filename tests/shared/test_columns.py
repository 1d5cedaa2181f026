"""Columns hold domain values as JSON."""

from datetime import date

from sqlalchemy.dialects.postgresql.base import PGDialect

from shared.attendance.dates import Period
from shared.database.columns import Json

DIALECT = PGDialect()


def test_a_value_is_stored_under_its_json_names_and_comes_back_as_it_was():
    column, periods = Json(tuple[Period, ...]), (Period(date(2026, 9, 14), date(2026, 10, 6)),)

    stored = column.process_bind_param(periods, DIALECT)

    assert stored == [{"from": "2026-09-14", "to": "2026-10-06"}]
    assert column.process_result_value(stored, DIALECT) == periods


def test_an_absent_value_is_null_both_ways():
    column = Json(Period)

    assert column.process_bind_param(None, DIALECT) is None
    assert column.process_result_value(None, DIALECT) is None
