"""A register read for what may matter holds what the contract's whole reading of it would have kept, and no more."""

from base64 import b64encode
from datetime import date

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.thresholds.domain.facts import Mark
from services.thresholds.domain.pupils import NewMark
from services.thresholds.domain.sessions import Session
from services.thresholds.use_cases.register_events import decode, decode_compact
from shared.contracts.registers import RecordedMark, SessionRecorded, SessionRecordedV2

CODES = st.sampled_from(["/", "\\", "O", "G", "U", "N", "I", "H", "D", "C"])
MARKS = st.lists(
    st.builds(
        RecordedMark,
        pupil_id=st.uuids(),
        code=CODES,
        previous_code=st.none() | CODES,
        version=st.integers(1, 3),
        dual=st.booleans(),
        covered_by_leave=st.booleans(),
    ),
    max_size=12,
)
EVENTS = st.builds(
    SessionRecorded,
    school=st.integers(100000, 999999),
    la_code=st.just("881"),
    date=st.dates(date(2022, 9, 1), date(2027, 7, 1)),
    session=st.sampled_from(["AM", "PM"]),
    revision=st.integers(1, 9),
    marks=MARKS.map(tuple),
)


@given(EVENTS, st.booleans())
def test_a_decoded_register_holds_the_marks_that_may_matter_and_no_others(event, brief):
    body = event.model_dump_json(by_alias=True, exclude_defaults=brief).encode()

    register = decode(body)

    session = Session(event.date, event.session)
    expected = [
        (
            each.pupil_id,
            NewMark(
                Mark(session, event.school, each.code, each.version, each.covered_by_leave, event.revision), each.previous_code, each.dual
            ),
        )
        for each in event.marks
    ]
    assert (register.school, register.session, register.any_marks) == (event.school, session, bool(event.marks))
    assert list(register.new_marks) == [(pupil_id, new) for pupil_id, new in expected if new.matters]


@given(
    st.lists(st.tuples(st.uuids(), CODES), min_size=1, max_size=12),
    st.dates(date(2022, 9, 1), date(2027, 7, 1)),
    st.sampled_from(["AM", "PM"]),
)
def test_a_register_in_the_compact_form_is_decoded_as_in_the_other(marks, day, half):
    head = {"school": 100101, "la_code": "881", "date": day, "session": half, "revision": 3}
    packed = b64encode(b"".join(pupil.bytes for pupil, _ in marks)).decode()
    compact = SessionRecordedV2(**head, pupils=packed, codes=",".join(code for _, code in marks))
    plain = SessionRecorded(**head, marks=compact.marks)

    assert decode_compact(compact.model_dump_json().encode()) == decode(plain.model_dump_json().encode())


@pytest.mark.parametrize(
    "changes",
    [
        {"codes": "/"},
        {"codes": ""},
        {"pupils": "AZqPPAABcACAAAAAAAAREQ=="},
        {"pupils": ""},
        {"pupils": "*"},
        {"session": "XM"},
        {"codes": None},
    ],
)
def test_a_compact_body_that_breaks_the_contract_is_refused(changes):
    head = {"school": 100101, "la_code": "881", "date": "2026-09-10", "session": "AM", "revision": 1}
    body = {**head, "pupils": "AZqPPAABcACAAAAAAAAREQGajzwAAXAAgAAAAAAAERI=", "codes": "/,O"}

    assert len(decode_compact(orjson.dumps(body)).new_marks) == 1
    with pytest.raises((ValueError, TypeError)):
        decode_compact(orjson.dumps(body | changes))


@pytest.mark.parametrize(
    "body",
    [
        b"{oops",
        b"{}",
        b'{"school": 100101, "la_code": "881", "date": "2026-09-10", "session": "AM", "revision": 1, "marks": [{"code": "O", "version": 1}]}',
        b'{"school": 100101, "la_code": "881", "date": "2026-09-10", "session": "XM", "revision": 1, "marks": []}',
        b'{"school": 100101, "la_code": "881", "date": "2026-09-10", "session": "AM", "revision": 1, "marks": null}',
        b'{"school": 100101, "date": "2026-09-10", "session": "AM", "revision": 1, "marks": []}',
        b'{"school": 100101, "la_code": "881", "date": "2026-09-10", "session": "AM", "marks": []}',
    ],
)
def test_a_body_that_breaks_the_contract_is_refused(body):
    with pytest.raises((ValueError, TypeError, KeyError)):
        decode(body)
