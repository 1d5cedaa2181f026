"""One form for names: of parents who may be one person, of claims to a pupil, and of lines without a UPN."""

from datetime import date

import pytest

from services.registers.imports.formats.entries import Person
from services.registers.imports.repository.pupils import NamedPupilRow
from services.registers.imports.use_cases.identifying import PupilsByKey
from services.registers.pupils.domain.differences import fits
from services.registers.pupils.domain.names import folded
from services.registers.pupils.domain.parents import agreements, keys
from services.registers.pupils.domain.pupils import PersonalDetails
from tests.registers.given import upn

NAMES = [
    ("O'Brien", "O\u2019Brien", True),
    ("O'Brien", "OBRIEN", True),
    ("O'Brien", "O Brien", True),
    ("Müller", "Muller", True),
    ("Müller", "MÜLLER", True),
    ("Müller", "Mueller", False),
    ("Smith-Jones", "Smith Jones", True),
    ("Smith-Jones", "Smith\u2013Jones", True),
    ("Smith-Jones", "Smithjones", True),
    ("Smith-Jones", "Smith  Jones", True),
    ("de la Cruz", "De La Cruz ", True),
    ("St. John", "St John", True),
    ("Ngọc", "Ngoc", True),
    ("Strauß", "Strauss", True),
    ("Smith (Jones)", "Smith Jones", True),
    ("Smith/Jones", "Smith Jones", True),
    ("Smith", "Smyth", False),
    ("Smith", "Smith-Jones", False),
]


BORN = date(2014, 3, 3)


@pytest.mark.parametrize(("one", "other", "same"), NAMES)
def test_a_name_is_the_same_for_parents_claims_and_lines_however_it_was_typed(one, other, same):
    parents = [keys("Pat", each, ["1 High Street", "CM1 1QH"], None, None) for each in (one, other)]
    pupils_here = PupilsByKey([NamedPupilRow(upn(1), None, one, "Robin", BORN)])

    assert (folded(one) == folded(other)) is same
    assert bool(agreements(*parents, same_child=False)) is same
    assert fits(PersonalDetails("Robin", one, BORN), PersonalDetails("Robin", other, BORN)) is same
    assert bool(pupils_here.by_names(Person(surname=other, forename="Robin", born=BORN.isoformat()))) is same
