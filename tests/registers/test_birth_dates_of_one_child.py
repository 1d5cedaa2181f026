"""Two records of one child with different dates of birth: an officer decides which is wrong, and how that is known."""

from datetime import date

import pytest
from sqlalchemy.exc import DBAPIError

from services.registers.law import NATIONAL
from services.registers.pupils.domain.ages import compulsory_age
from tests.registers.given import A, a_body, a_pupil, scalar, upn
from tests.registers.test_identities import TEMPORARY
from tests.registers.test_same_child import published_of, two_records, undo

OLD, NEW = TEMPORARY, upn(1)
WRONG, RIGHT = "2009-03-03", "2014-03-03"


async def merge(api, wrong=None, why="The birth certificate was seen.", upns=(OLD, NEW)):
    more = {"wrong_birth_date": {"upn": wrong, "reason": why}} if wrong else {}
    body = {"upns": list(upns), "reason": "The file came.", **more}
    return await api.as_("aco", name="Ann Officer").post("/v1/pupil-mergers", body)


async def test_records_with_different_dates_of_birth_are_not_merged_without_an_explanation(api, database):
    await two_records(api, date_of_birth=WRONG)

    refused = await merge(api)

    assert refused.status_code == 409
    assert "different dates of birth" in refused.json()["title"]
    assert "20" not in refused.json().get("detail", "")
    assert await scalar(database, "SELECT count(*) FROM pupil_mergers") == 0


@pytest.mark.parametrize(("wrong", "why", "status"), [(upn(2), "Seen.", 422), (OLD, "", 422), (OLD, "Seen.", 201)])
async def test_the_wrong_date_of_birth_is_that_of_one_of_the_two_records_and_has_a_reason(api, wrong, why, status):
    await two_records(api, date_of_birth=WRONG)

    assert (await merge(api, wrong, why)).status_code == status


async def test_the_officer_s_explanation_is_kept_and_nothing_is_changed_in_the_record(api, database):
    temporary, _ = await two_records(api, date_of_birth=WRONG)

    merger = (await merge(api, OLD)).json()

    explanation = {"pupil_id": temporary["id"], "upn": OLD, "reason": "The birth certificate was seen."}
    assert merger["wrong_birth_date"] == explanation
    (listed,) = (await api.as_("manager").get("/v1/pupil-mergers")).json()["items"]
    assert listed["wrong_birth_date"] == explanation
    assert await scalar(database, f"SELECT date_of_birth FROM pupils WHERE id = '{temporary['id']}'") == a_date(WRONG)
    with pytest.raises(DBAPIError, match="kept as it was decided"):
        await scalar(database, "UPDATE pupil_mergers SET wrong_birth_reason = 'Another.' RETURNING id")


async def test_the_child_s_age_goes_by_the_right_date_of_birth_until_the_merger_is_undone(api, database):
    temporary, permanent = await two_records(api, date_of_birth=RIGHT)
    await a_pupil(api, 1, 100102, admitted_on="2026-09-21", date_of_birth=WRONG)

    merger = (await merge(api, NEW)).json()
    await undo(api, merger)

    events = await published_of(database, permanent)
    assert merger["survivor"]["pupil_id"] == permanent["id"]
    assert [each.compulsory_from for each in events] == [compulsory_age(a_date(born), NATIONAL)[0] for born in (RIGHT, WRONG, RIGHT, WRONG)]
    assert {each.compulsory_from for each in await published_of(database, temporary)} == {compulsory_age(a_date(RIGHT), NATIONAL)[0]}


async def test_the_right_date_of_birth_may_be_corrected_at_its_school(api, database):
    _, permanent = await two_records(api, date_of_birth=RIGHT)
    await a_pupil(api, 1, 100102, admitted_on="2026-09-21", date_of_birth=WRONG)
    await merge(api, NEW)

    body = a_body(left_on="2026-09-18", date_of_birth="2013-03-03")
    await api.as_("mis", schools=[A]).put(f"/v1/schools/{A}/pupils/{OLD}", body)

    assert (await published_of(database, permanent))[-1].compulsory_from == compulsory_age(a_date("2013-03-03"), NATIONAL)[0]


async def test_letters_and_certificates_show_the_right_date_of_birth(api):
    temporary, permanent = await two_records(api, date_of_birth=RIGHT)
    await a_pupil(api, 1, 100102, admitted_on="2026-09-21", date_of_birth=WRONG)
    await merge(api, NEW)

    people = [(await api.as_("service").get(f"/v1/people/{each['id']}")).json() for each in (temporary, permanent)]
    period = "urn=100102&from=2026-09-21&to=2026-12-18"
    certified = [(await api.as_("aco").get(f"/v1/pupils/{each}/certificate?{period}")).json() for each in (OLD, NEW)]

    assert [each["pupil"]["date_of_birth"] for each in people] == [RIGHT, RIGHT]
    assert {each["compulsory_from"] for each in certified} == {compulsory_age(a_date(RIGHT), NATIONAL)[0].isoformat()}


async def test_records_with_one_date_of_birth_need_no_explanation_and_take_none(api):
    await two_records(api)

    assert (await merge(api, OLD)).status_code == 409
    assert (await merge(api)).json()["wrong_birth_date"] is None


async def test_a_third_record_is_compared_with_the_right_date_of_birth(api):
    await two_records(api, date_of_birth=RIGHT)
    await a_pupil(api, 1, 100102, admitted_on="2026-09-21", date_of_birth=WRONG)
    await a_pupil(api, 2, 100103, date_of_birth=RIGHT)
    await merge(api, NEW)

    assert (await merge(api, upns=(upn(2), OLD))).status_code == 201


def a_date(text):
    return date.fromisoformat(text)
