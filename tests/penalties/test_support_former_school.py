"""What a school reads of the support log of a child who has left it: what was while the child was there, and what it wrote itself."""

import pytest

from tests.penalties.chain import URN
from tests.penalties.test_support_attachments import attach, download
from tests.penalties.test_support_log import CALL, REFERRAL, THERE, correct, log, record, take


@pytest.fixture
async def case(chain, today):
    """A case of the first school; the pupil left it on Friday 25 September, and the day is the Tuesday after."""
    opened = await chain.opened()
    today("2026-09-29")
    await chain.deliver(chain.roll((URN, "2025-09-01", "2026-09-25"), (THERE, "2026-09-28", None), revision=2))
    return opened


@pytest.fixture
def there(chain):
    return chain.api.as_("school", name="Ben", schools=[THERE])


async def written_there(there, case, body=CALL, **more):
    answer = await there.post(f"/v1/cases/{case}/support-entries", {**body, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def status(chain, entry):
    return (await chain.api.as_("school", name="Ann", schools=[URN]).get(f"/v1/support-entries/{entry['id']}")).status_code


@pytest.mark.parametrize(
    ("made_on", "read"), [("2025-08-31", 403), ("2025-09-01", 200), ("2026-09-25", 200), ("2026-09-26", 403), ("2026-09-28", 403)]
)
async def test_a_former_school_reads_an_entry_of_a_day_on_which_the_child_was_there(chain, case, there, made_on, read):
    entry = await written_there(there, case, made_on=made_on)

    assert await status(chain, entry) == read
    assert [each["id"] for each in await log(chain, case)] == ([entry["id"]] if read == 200 else [])


async def test_a_former_school_reads_no_later_entry_in_its_own_case_which_it_reads_and_decides_in_whole(chain, case, there):
    entry = await written_there(there, case, made_on="2026-09-28")

    assert await log(chain, case) == []
    assert (await chain.api.as_("school", name="Ann", schools=[URN]).get(f"/v1/cases/{case}")).status_code == 200
    await chain.post(f"/v1/cases/{case}/decisions", {"decision": "support", "reason": "R."}, role="school")
    assert await status(chain, entry) == 403


async def test_a_former_school_reads_what_it_writes_itself_about_a_later_day(chain, case):
    entry = await record(chain, case, made_on="2026-09-29")

    assert await status(chain, entry) == 200
    assert [each["id"] for each in await log(chain, case)] == [entry["id"]]


async def test_a_former_school_reads_how_what_was_begun_in_its_time_went_on(chain, case, there):
    entry = await written_there(there, case, REFERRAL, made_on="2026-09-25")
    step = {"step": "accepted", "taken_on": "2026-09-29", "notes": "They wrote."}
    assert (await there.post(f"/v1/support-entries/{entry['id']}/steps", step)).status_code == 201

    assert [each["state"] for each in await log(chain, case)] == ["accepted"]
    await take(chain, entry["id"], "waiting", "2026-09-29", expect=403)


@pytest.mark.parametrize(("corrected_to", "read"), [("2026-09-25", 200), ("2026-09-28", 403)])
async def test_a_former_school_reads_an_entry_by_the_day_that_holds_now(chain, case, there, corrected_to, read):
    entry = await written_there(there, case, made_on="2026-09-24")
    body = {**CALL, "made_on": corrected_to, "version": 1, "reason": "Another day."}
    assert (await there.post(f"/v1/support-entries/{entry['id']}/versions", body)).status_code == 201

    assert await status(chain, entry) == read
    await correct(chain, entry["id"], expect=403)


async def test_the_files_of_a_later_entry_are_closed_to_a_former_school_and_those_of_its_time_are_not(chain, case, there):
    later, earlier = [await written_there(there, case, made_on=day) for day in ("2026-09-28", "2026-09-25")]
    for entry in (later, earlier):
        await attach(chain, entry["id"], urn=THERE)

    assert [(await download(chain, entry["id"])).status_code for entry in (later, earlier)] == [403, 200]


async def test_the_checklist_of_a_former_school_s_case_counts_for_that_school_what_it_reads(chain, case, there):
    await written_there(there, case, made_on="2026-09-28", outcome="Agreed.")
    path = f"/v1/cases/{case}/support-completeness"

    async def contact(role):
        return next(each["state"] for each in (await chain.get(path, role=role))["items"] if each["item"] == "contact")

    assert (await contact("school"), await contact("aco")) == ("missing", "done")
