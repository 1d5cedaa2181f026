"""A notice waits for marks that thresholds has not judged as the register has them."""

from datetime import date
from uuid import uuid4

from services.penalties.evidence.domain import MarkKey, RegisterMark, ThresholdView, unjudged_marks

DAY = date(2026, 11, 9)
KEY = MarkKey(uuid4(), 100501, DAY, "AM")


def test_a_mark_on_a_day_of_leave_waits_until_thresholds_knows_of_the_leave():
    on_leave = {KEY: RegisterMark("G", 1, on_leave=True)}
    before, after = ThresholdView({KEY: 1}, {}), ThresholdView({KEY: 1}, {}, lost=frozenset({(DAY, "AM", 100501)}))

    assert unjudged_marks(on_leave, before) == (KEY,)
    assert unjudged_marks(on_leave, after) == ()
    assert unjudged_marks({KEY: RegisterMark("G", 1)}, before) == ()
    assert unjudged_marks({KEY: RegisterMark("I", 1, on_leave=True)}, before) == ()


def test_a_mark_of_a_later_version_waits():
    assert unjudged_marks({KEY: RegisterMark("I", 2)}, ThresholdView({KEY: 1}, {})) == (KEY,)
