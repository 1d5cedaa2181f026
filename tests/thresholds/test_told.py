"""A register read for what may matter holds what the contract's whole reading of it would have kept, and no more."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.thresholds.domain.facts import Mark
from services.thresholds.domain.pupils import NewMark
from services.thresholds.domain.sessions import Session
from services.thresholds.use_cases import read_told
from shared.contracts.registers import RecordedMark, SessionRecorded

CODES = st.sampled_from(["/", "\\", "O", "G", "U", "N", "I", "H", "D", "C"])
MARKS = st.lists(
    st.builds(
        RecordedMark,
        pupil_id=st.uuids(),
        code=CODES,
        previous_code=st.none() | CODES,
        version=st.integers(1, 3),
        dual=st.booleans(),
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
def test_what_is_read_is_what_the_contract_would_have_kept(event, brief):
    body = event.model_dump_json(by_alias=True, exclude_defaults=brief).encode()

    told = read_told(body)

    session = Session(event.date, event.session)
    whole = [
        (each.pupil_id, NewMark(Mark(session, event.school, each.code, each.version), each.previous_code, each.dual))
        for each in event.marks
    ]
    assert (told.school, told.session, told.marked) == (event.school, session, bool(event.marks))
    assert list(told.news) == [(pupil_id, new) for pupil_id, new in whole if new.matters]


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
def test_what_is_not_as_the_contract_has_it_is_refused(body):
    with pytest.raises((ValueError, TypeError, KeyError)):
        read_told(body)
