"""The support log in the console: what was tried, what it lacks, an entry with its versions, and the forms."""

from typing import Any

import pytest

from tests.console.conftest import Browser, act_done, text
from tests.console.responses import CASE, FATHER, MOTHER, URN
from tests.console.support import ENTRY, REFERRAL, a_content, a_lead, a_version, an_entry, minutes
from tests.console.upstreams import Upstreams

PAGE = f"/cases/{CASE}/support"
API = f"/v1/cases/{CASE}/support-entries"
CALL = {"kind": "call", "way": "telephone", "made_on-day": "14", "made_on-month": "9", "made_on-year": "2026", "notes": "Rang the mother."}


async def test_a_school_reads_the_log_and_beside_it_what_it_lacks(browser: Browser):
    await browser.sign_in("school", schools=(URN,))

    page = text((await browser.get(PAGE)).text)

    assert "Meeting: held on 17 September 2026" in page
    assert "Sam Example: came, engaged; got the notes on 18 September 2026" in page
    assert "Alex Example: did not come" in page
    assert "Ms Lane, SENCO: came" in page
    assert "Meeting: nobody came" in page
    assert "Attendance Contract: not done" in page
    assert "2 of 4 items of the authority\N{RIGHT SINGLE QUOTATION MARK}s checklist" in page
    assert "Nothing is recorded. Record what was done, or why it was not." in page
    assert "Offered 2 times for a Thursday at 15:30, by the same way." in page


async def test_the_case_leads_to_its_support_log(browser: Browser):
    await browser.sign_in("school", schools=(URN,))

    assert f'href="{PAGE}"' in (await browser.get(f"/cases/{CASE}")).text


async def test_a_short_entry_is_sent_once(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", API, {}, method="POST")
    await browser.sign_in("acsa")

    response = await browser.fill_in(PAGE, **CALL)

    assert act_done(response) == (303, PAGE, "support-entry")
    (sent,) = upstreams.posted()
    assert sent.body == {
        "kind": "call", "way": "telephone", "made_on": "2026-09-14", "notes": "Rang the mother.", "participants": [],
        "child_present": False, "evidence": False,
    }  # fmt: skip
    assert sent.headers["idempotency-key"]


async def test_an_entry_is_sent_with_its_people(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", API, {}, method="POST")
    await browser.sign_in("school", schools=(URN,))
    people: dict[str, Any] = {
        "parent_id": [MOTHER, FATHER], f"attended-{MOTHER}": "came", f"engaged-{MOTHER}": "yes", f"attended-{FATHER}": "absent",
        f"given-{MOTHER}-day": "18", f"given-{MOTHER}-month": "9", f"given-{MOTHER}-year": "2026",
        "held_on-day": "17", "held_on-month": "9", "held_on-year": "2026", "others": "Ms Lane, SENCO\n\n", "absent": "Mr Hill",
    }  # fmt: skip
    hidden = await browser.hidden(PAGE)

    await browser.send(PAGE, **hidden | CALL | people)

    assert upstreams.posted()[0].body["participants"] == [
        {"parent_id": MOTHER, "came": True, "engaged": True, "notes_given_on": "2026-09-18"},
        {"parent_id": FATHER, "came": False},
        {"name": "Ms Lane, SENCO", "came": True},
        {"name": "Mr Hill", "came": False},
    ]


@pytest.mark.parametrize(
    ("left_out", "error"),
    [
        (("kind",), "Choose what was done or offered"),
        (("notes",), "Write what was done or offered"),
        (("made_on-day", "made_on-month", "made_on-year"), "Enter the day on which it was done or offered"),
    ],
)
async def test_an_entry_that_lacks_something_shows_the_form_again_with_every_word_typed(
    browser: Browser, left_out: tuple[str, ...], error: str
):
    await browser.sign_in("school", schools=(URN,))

    response = await browser.fill_in(
        PAGE, **{name: value for name, value in CALL.items() if name not in left_out}, outcome="She will come."
    )

    assert response.status_code == 422
    assert error in response.text
    assert "She will come." in response.text


async def test_a_refusal_of_an_entry_leads_to_the_field_that_it_is_about(browser: Browser, upstreams: Upstreams):
    missing = [{"code": "contract-without-parent", "detail": "An Attendance Contract is made with a parent who is present."}]
    upstreams.respond("penalties", API, {"title": "This cannot be recorded so", "missing": missing}, method="POST", status=409)
    await browser.sign_in("school", schools=(URN,))

    response = await browser.fill_in(PAGE, **CALL)

    assert response.status_code == 409
    assert '<a href="#contract">An Attendance Contract is made with a parent who is present.</a>' in response.text


async def test_an_entry_shows_its_versions_and_why_it_was_corrected(browser: Browser):
    await browser.sign_in("school", schools=(URN,))

    page = text((await browser.get(f"{PAGE}/{ENTRY}")).text)

    assert page.index("As it now stands") < page.index("It was the mother.") < page.index("Version 1")


async def test_a_correction_begins_with_what_stands_there_and_names_the_version_read(browser: Browser, upstreams: Upstreams):
    path = f"{PAGE}/{ENTRY}"
    upstreams.respond("penalties", f"/v1/support-entries/{ENTRY}/versions", {}, method="POST")
    await browser.sign_in("school", schools=(URN,))
    html = (await browser.get(path)).text

    response = await browser.fill_in(path, **CALL, reason="It was a call.")

    assert 'value="15:30"' in html
    assert "Ms Lane, SENCO</textarea>" in html
    assert act_done(response) == (303, path, "support-correction")
    body = upstreams.posted()[0].body
    assert (body["version"], body["reason"], body["kind"]) == (2, "It was a call.", "call")


@pytest.mark.parametrize(("role", "offered"), [("school", True), ("accredited", False), ("aco", False), ("business-support", False)])
async def test_an_entry_is_corrected_by_those_for_whom_it_was_written(browser: Browser, role: str, offered: bool):
    await browser.sign_in(role, schools=(URN,) if role in {"school", "accredited"} else ())

    html = (await browser.get(f"{PAGE}/{ENTRY}")).text

    assert ("Store the correction" in html) is offered
    assert ("which alone corrects it" in html) is not offered


async def test_an_accredited_person_finds_the_cases_that_were_referred_to_them_and_records_in_their_log(browser: Browser):
    await browser.sign_in("accredited", schools=(URN,))

    html = (await browser.get("/cases")).text

    assert '<a class="govuk-service-navigation__link" href="/cases"' in html
    assert "Record it" in (await browser.get(PAGE)).text


async def test_business_support_reads_the_log_and_records_nothing(browser: Browser):
    await browser.sign_in("business-support")

    html = (await browser.get(PAGE)).text

    assert "Breakfast club" in html
    assert "Record it" not in html


async def test_a_referral_shows_how_far_it_has_come_and_takes_its_next_step(browser: Browser, upstreams: Upstreams):
    path = f"{PAGE}/{REFERRAL}"
    upstreams.respond("penalties", f"/v1/support-entries/{REFERRAL}/steps", {}, method="POST")
    await browser.sign_in("school", schools=(URN,))
    page = (await browser.get(path)).text

    day = {"taken_on-day": "21", "taken_on-month": "9", "taken_on-year": "2026"}
    response = await browser.fill_in(path, to=f"{path}/step", step="waiting", step_notes="Six weeks.", **day)

    assert "Family centre:" in page
    assert 'name="step" type="radio" value="waiting"' in page
    assert 'name="step" type="radio" value="refused"' not in page
    assert act_done(response) == (303, path, "support-step")
    assert upstreams.posted()[0].body == {"step": "waiting", "taken_on": "2026-09-21", "notes": "Six weeks."}


async def test_a_step_that_lacks_something_shows_the_form_again(browser: Browser):
    path = f"{PAGE}/{REFERRAL}"
    await browser.sign_in("school", schools=(URN,))

    response = await browser.fill_in(path, to=f"{path}/step", step_notes="Six weeks.")

    assert response.status_code == 422
    assert "Choose what followed" in response.text
    assert "Six weeks." in response.text


FILE = ("note.pdf", b"%PDF-1.7 A note")
FILES = f"{PAGE}/{ENTRY}/files"


async def test_the_log_and_the_entry_lead_to_the_files_of_an_entry(browser: Browser):
    await browser.sign_in("school", schools=(URN,))

    for path in (PAGE, f"{PAGE}/{ENTRY}"):
        html = (await browser.get(path)).text
        assert f'href="{FILES}/1">Notes of the meeting.pdf</a> (PDF, 18.0 kB), attached by Ann Officer' in html


async def test_a_file_is_downloaded_under_its_name(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", f"/v1/support-entries/{ENTRY}/attachments/1", FILE[1])
    await browser.sign_in("school", schools=(URN,))

    response = await browser.get(f"{FILES}/1")

    assert response.content == FILE[1]
    assert response.headers["content-disposition"] == "attachment; filename*=UTF-8''Notes%20of%20the%20meeting.pdf"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert (await browser.get(f"{FILES}/2")).status_code == 404


async def test_a_file_is_attached_once(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", f"/v1/support-entries/{ENTRY}/attachments", an_entry(), method="POST", status=201)
    await browser.sign_in("school", schools=(URN,))

    response = await browser.attach(f"{PAGE}/{ENTRY}", FILE, to=FILES)

    assert act_done(response) == (303, f"{PAGE}/{ENTRY}", "support-file")
    (sent,) = upstreams.posted()
    assert FILE[1] in sent.body
    assert len(sent.headers["idempotency-key"]) == 36


async def test_a_form_without_a_file_and_a_refused_file_show_an_error_at_the_field(browser: Browser, upstreams: Upstreams):
    refused = {"title": "This file cannot be attached", "detail": "Attach a PDF, a PNG or JPEG picture."}
    upstreams.respond("penalties", f"/v1/support-entries/{ENTRY}/attachments", refused, method="POST", status=409)
    await browser.sign_in("school", schools=(URN,))

    missing = await browser.attach(f"{PAGE}/{ENTRY}", None, to=FILES)
    other = await browser.attach(f"{PAGE}/{ENTRY}", ("a.txt", b"text"), to=FILES)

    assert (missing.status_code, other.status_code) == (422, 409)
    assert '<a href="#file">Choose a file</a>' in missing.text
    assert '<a href="#file">Attach a PDF, a PNG or JPEG picture.' in other.text


async def test_the_log_shows_who_leads_and_who_led_before(browser: Browser, upstreams: Upstreams):
    path = f"/v1/cases/{CASE}/lead-professionals"
    await browser.sign_in("school", schools=(URN,))
    with_lead = text((await browser.get(PAGE)).text)
    upstreams.respond_list("penalties", path, a_lead(), a_lead(name="Mr Hill", since="2026-09-01"))
    earlier = text((await browser.get(f"/cases/{CASE}/lead")).text)
    upstreams.respond_list("penalties", path)
    without = text((await browser.get(PAGE)).text)

    assert "Lead professional: Ms Lane, Family support worker, since 21 September 2026 (recorded by Ann Officer)" in with_lead
    assert earlier.index("Ms Lane") < earlier.index("Mr Hill")
    assert "Lead professional: nobody is recorded" in without


async def test_a_lead_professional_is_recorded_once_and_a_form_that_lacks_something_is_shown_again(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", f"/v1/cases/{CASE}/lead-professionals", {}, method="POST", status=201)
    await browser.sign_in("school", schools=(URN,))
    day = {"since-day": "21", "since-month": "9", "since-year": "2026"}

    lacking = await browser.fill_in(f"/cases/{CASE}/lead", name="Ms Lane", **day)
    response = await browser.fill_in(f"/cases/{CASE}/lead", name="Ms Lane", office="SENCO", **day)

    assert lacking.status_code == 422
    assert '<a href="#office">Enter the office</a>' in lacking.text
    assert act_done(response) == (303, PAGE, "lead-professional")
    (sent,) = upstreams.posted()
    assert sent.body == {"name": "Ms Lane", "office": "SENCO", "since": "2026-09-21"}
    assert sent.headers["idempotency-key"]


async def test_business_support_reads_who_leads_and_records_nobody(browser: Browser):
    await browser.sign_in("business-support")

    html = (await browser.get(f"/cases/{CASE}/lead")).text

    assert "Ms Lane" in html
    assert "Record the lead professional" not in html


async def test_minutes_show_who_was_there_who_was_not_and_what_was_agreed(browser: Browser):
    await browser.sign_in("school", schools=(URN,))

    page = text((await browser.get(PAGE)).text)

    assert "Internal meeting of the school: held on 17 September 2026" in page
    assert "Mr Grey (Senior Attendance Champion): came" in page
    assert "Not there: SENCO" in page
    assert "Ring the GP. Ms Lane, by 25 September 2026" in page


async def test_minutes_are_sent_with_offices_and_what_was_agreed(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", API, {}, method="POST")
    await browser.sign_in("school", schools=(URN,))
    minutes = {
        "kind": "internal-meeting", "held_on-day": "14", "held_on-month": "9", "held_on-year": "2026", "office-senco": "Ms Lane\nMr Hill",
        "agreed-2": "Ring the GP.", "whom-2": "Ms Lane", "due-2-day": "25", "due-2-month": "9", "due-2-year": "2026",
    }  # fmt: skip

    await browser.fill_in(PAGE, **CALL | minutes)

    body = upstreams.posted()[0].body
    assert body["participants"] == [{"name": name, "office": "senco", "came": True} for name in ("Ms Lane", "Mr Hill")]
    assert body["agreed"] == [{"what": "Ring the GP.", "by_whom": "Ms Lane", "by_when": "2026-09-25"}]


async def test_a_correction_of_minutes_begins_with_what_stands_there(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", f"/v1/support-entries/{ENTRY}", an_entry(content=minutes()))
    await browser.sign_in("school", schools=(URN,))

    html = (await browser.get(f"{PAGE}/{ENTRY}")).text

    assert ">Mr Grey</textarea>" in html
    assert ">Ms Lane, SENCO</textarea>" in html
    assert 'value="Ring the GP."' in html
    assert 'name="agreed-3"' in html
    assert 'name="agreed-4"' not in html


async def test_medical_evidence_names_the_days_that_it_is_about(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", API, {}, method="POST")
    evidence = a_content(kind="medical-evidence", about_from="2026-09-07", about_to="2026-09-11")
    upstreams.respond("penalties", f"/v1/support-entries/{ENTRY}", an_entry(versions=[a_version(content=evidence)]))
    await browser.sign_in("school", schools=(URN,))
    days = {
        f"about_{end}-{unit}": value
        for end, day in (("from", "7"), ("to", "11"))
        for unit, value in (("day", day), ("month", "9"), ("year", "2026"))
    }

    page = text((await browser.get(f"{PAGE}/{ENTRY}")).text)
    await browser.fill_in(PAGE, **CALL | {"kind": "medical-evidence"} | days)

    assert "About the days from 7 September 2026 to 11 September 2026." in page
    body = upstreams.posted()[0].body
    assert (body["about_from"], body["about_to"]) == ("2026-09-07", "2026-09-11")
