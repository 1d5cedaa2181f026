"""An event is made from an object of the domain: fields of one name are taken over, the others are named."""

from dataclasses import dataclass
from datetime import date

import pytest
from pydantic import ValidationError

from shared.contracts.prosecutions import ProsecutionCharged
from shared.ids import new_id

FILE, CASE, PUPIL, PARENT = (new_id() for _ in range(4))


@dataclass(frozen=True)
class Session:
    date: date
    session: str
    code: str
    urn: int
    version: int
    set_aside: bool = False


@dataclass(frozen=True)
class CourtFile:
    id: object = FILE
    case_id: object = CASE
    pupil_id: object = PUPIL
    parent_id: object = PARENT
    sessions: tuple[Session, ...] = (Session(date(2026, 9, 14), "AM", "G", 100101, 1),)


def test_fields_of_one_name_are_taken_from_the_object_and_pieces_within_it_too():
    event = ProsecutionCharged.of(CourtFile(), file_id=FILE, charged_on=date(2026, 10, 1))

    assert (event.file_id, event.case_id, event.pupil_id, event.parent_id) == (FILE, CASE, PUPIL, PARENT)
    assert [each.model_dump() for each in event.sessions] == [
        {"date": date(2026, 9, 14), "session": "AM", "code": "G", "urn": 100101, "version": 1}
    ]


def test_a_field_that_is_named_wins_over_the_attribute_of_its_name():
    assert ProsecutionCharged.of(CourtFile(), file_id=FILE, charged_on=date(2026, 10, 1), sessions=()).sessions == ()


def test_a_field_that_neither_gives_is_an_error():
    with pytest.raises(ValidationError, match="charged_on"):
        ProsecutionCharged.of(CourtFile(), file_id=FILE)
