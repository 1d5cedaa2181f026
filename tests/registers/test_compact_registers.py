"""A register of first marks is published in the compact form where every reader is known to take it, and holds the same."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.registers.marks.domain.registers import LockedRegister, SessionCodes, session_codes
from services.registers.marks.use_cases import publishing
from services.registers.marks.use_cases.publishing import session_recorded
from shared.contracts.registers import RecordedMark, SessionRecorded, SessionRecordedV2
from shared.messaging.contracts import parse
from shared.settings import Settings
from tests.registers.given import A, B, a_pupil, a_register, a_school, published

DAY = "2026-09-10"
CODES = st.sampled_from(["/", "\\", "O", "G", "U", "N", "I", "H", "C1", "Y1"])
FIRST_MARKS = st.lists(st.tuples(st.uuids(), CODES), min_size=1, max_size=12)
REGISTER = LockedRegister(A, "881", date.fromisoformat(DAY), "AM", 7)


@given(FIRST_MARKS)
def test_first_marks_are_read_alike_from_both_forms_on_either_path(marks):
    recorded = [RecordedMark(pupil_id=pupil, code=code, version=1) for pupil, code in marks]
    pupils, codes = [pupil for pupil, _ in marks], [code for _, code in marks]
    session = session_codes(REGISTER.date, REGISTER.session)

    (compact,) = session_recorded(REGISTER, recorded)
    plain = SessionRecorded(school=A, la_code="881", date=REGISTER.date, session="AM", revision=7, marks=tuple(recorded))
    fast = [
        publishing.compact_message(A, publishing.json_of_pupils(pupils), codes),
        publishing.message_of_new_marks(A, publishing.json_heads(pupils, ()), codes),
    ]

    assert isinstance(compact, SessionRecordedV2)
    assert compact.marks == plain.marks
    assert SessionRecordedV2.model_validate_json(compact.model_dump_json()) == compact
    assert [parse(_completed(message, session)) for message in fast] == [compact, plain]


@given(
    st.lists(
        st.builds(
            RecordedMark,
            pupil_id=st.uuids(),
            code=CODES,
            previous_code=st.none() | CODES,
            version=st.integers(1, 2),
            dual=st.booleans(),
            covered_by_leave=st.booleans(),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_a_register_with_any_other_mark_keeps_the_form_that_can_hold_it(recorded):
    (event,) = session_recorded(REGISTER, recorded)

    plain_marks = all((mark.version, mark.dual, mark.covered_by_leave) == (1, False, False) for mark in recorded)
    assert isinstance(event, SessionRecordedV2) == plain_marks
    if not plain_marks:
        assert list(event.marks) == recorded


def test_a_large_register_is_cut_into_events_that_each_have_their_own_form():
    first = [RecordedMark(pupil_id=f"019a8f3c-0001-7000-8000-{number:012d}", code="/", version=1) for number in range(1000)]
    amended = RecordedMark(pupil_id=first[0].pupil_id, code="O", previous_code="/", version=2)

    events = session_recorded(REGISTER, [*first, amended])

    assert [(event.type(), event.revision, len(event.marks)) for event in events] == [
        ("session-recorded.v2", 7, 1000),
        ("session-recorded.v1", 8, 1),
    ]


@pytest.mark.parametrize(
    "changes", [{"codes": "/"}, {"codes": ""}, {"pupils": "AZqPPAABcACAAAAAAAAREQ"}, {"pupils": "*"}, {"pupils": ""}, {"pupils": None}]
)
def test_a_compact_register_without_a_code_for_each_pupil_breaks_the_contract(changes):
    body = {
        "school": A,
        "la_code": "881",
        "date": DAY,
        "session": "AM",
        "revision": 1,
        "pupils": "AZqPPAABcACAAAAAAAAREQGajzwAAXAAgAAAAAAAERI=",
    }

    assert SessionRecordedV2.model_validate(body | {"codes": "/,O"}).marks
    with pytest.raises(ValueError):
        SessionRecordedV2.model_validate(body | {"codes": "/,O"} | changes)


async def test_the_same_register_has_the_same_event_on_both_paths(api, database):
    await a_school(api)
    for number in (1, 2, 3):
        await a_pupil(api, number)
    await a_register(api, (1, "/"), (2, "O"), (3, "C1"), day="2026-09-01")  # the first of its month takes the full path
    await a_register(api, (1, "/"), (2, "O"), (3, "C1"), day="2026-09-02")
    await a_register(api, (1, "\\"), (3, "\\"), day="2026-09-02", session="PM")

    full, fast, part = await published(database, "session-recorded")

    assert {full.type(), fast.type(), part.type()} == {"session-recorded.v2"}
    assert set(full.marks) == set(fast.marks)
    assert set(part.marks) == {RecordedMark(pupil_id=mark.pupil_id, code="\\", version=1) for mark in fast.marks if mark.code != "O"}


async def test_a_register_with_a_pupil_on_two_rolls_is_not_compact(api, database):
    await a_school(api)
    await a_school(api, B)
    await a_pupil(api, 1)
    await a_pupil(api, 2)
    await a_pupil(api, 1, B)
    await a_register(api, (1, "/"), (2, "/"), day="2026-09-01")
    await a_register(api, (1, "/"), (2, "/"), day=DAY)
    await a_register(api, (2, "/"), day=DAY, session="PM")

    assert [event.type() for event in await published(database, "session-recorded")] == [
        "session-recorded.v1",
        "session-recorded.v1",
        "session-recorded.v2",
    ]


@pytest.mark.parametrize(
    ("kafka", "told", "compact"), [(None, None, True), (None, False, False), ("k:9092", None, False), ("k:9092", True, True)]
)
def test_registers_are_compact_where_nobody_else_reads_them_or_the_operator_allows_it(kafka, told, compact):
    assert Settings(kafka=kafka, compact_registers=told).publishes_compact_registers is compact


async def test_every_register_has_the_first_form_where_a_reader_may_know_no_other(api, database, monkeypatch):
    monkeypatch.setattr(publishing, "may_be_compact", lambda: False)
    await a_school(api)
    await a_pupil(api, 1)
    await a_register(api, (1, "O"), day="2026-09-01")
    await a_register(api, (1, "O"), day=DAY)

    async with database.begin() as tx:
        types = (await tx.execute(text("SELECT type FROM outbox WHERE type LIKE 'session-recorded%'"))).scalars().all()
    assert types == ["session-recorded.v1"] * 2


def _completed(message, session: SessionCodes):
    return publishing.add_revision(message, A, "881", session, 7)
