"""A case shows in what schools record its pupil differently: to officers what each records, to a school in what alone."""

from typing import Any

from shared.ids import new_id
from tests.penalties.chain import Chain


async def test_a_case_shows_a_difference_to_officers_with_records_and_to_a_school_without(chain: Chain, registers: Any):
    case = await chain.opened()
    person = {"id": str(chain.pupil), "forename": "Robin", "surname": "Example"}
    record = {"urn": 100402, "forename": "Robin", "surname": "Stranger", "date_of_birth": "2014-03-03", "claim": "waiting"}
    difference = {"id": str(new_id()), "differing": ["surname"], "schools": [record]}
    registers.people[str(chain.pupil)] = {"pupil": {**person, "difference": difference}, "parents": []}

    officer, school = [(await chain.get(f"/v1/cases/{case}", role))["pupil_difference"] for role in ("aco", "school")]

    assert officer == difference
    assert school == {**difference, "schools": []}


async def test_a_case_of_a_pupil_whom_schools_record_alike_shows_no_difference(chain: Chain, registers: Any):
    case = await chain.opened()
    person = {"id": str(chain.pupil), "forename": "Robin", "surname": "Example"}
    registers.people[str(chain.pupil)] = {"pupil": {**person, "difference": None}, "parents": []}

    assert (await chain.get(f"/v1/cases/{case}"))["pupil_difference"] is None
