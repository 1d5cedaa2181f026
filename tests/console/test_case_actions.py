"""Actions in a case: forms sent to penalties once, and what people read when they are refused."""

from html import unescape
from re import findall
from typing import Any

import pytest

from tests.console import responses, steps
from tests.console.conftest import Browser, act_done
from tests.console.holds import a_hold
from tests.console.responses import CASE, FATHER, IMPROVEMENT_NOTICE, MOTHER
from tests.console.upstreams import Upstreams

ALL_PERMISSIONS = [
    responses.an_action(name)
    for name in (
        "decide",
        "close-without-action",
        "issue-notice-to-improve",
        "record-outcome",
        "agree",
        "issue-penalty-notice",
        "record-liability",
        "clear",
    )
]
NOTICE = steps.a_notice_of_a_case(IMPROVEMENT_NOTICE, "notice-to-improve", MOTHER, "ended", "2026-09-21")
HOLD = a_hold()
CHANGED = HOLD["change"]


@pytest.fixture
def open_case(upstreams: Upstreams) -> Upstreams:
    """A case in which every action is possible."""
    upstreams.respond(
        "penalties", f"/v1/cases/{CASE}", responses.a_case(actions=ALL_PERMISSIONS, notices=[NOTICE], held=True, holds=[HOLD])
    )
    return upstreams


ACTIONS: list[tuple[str, str, dict[str, Any], Any]] = [
    (
        "decision",
        f"/v1/cases/{CASE}/decisions",
        {"decision": "penalty-notice", "reason": "Support did not work. ", "parents": [MOTHER, FATHER], "no_improvement_notice_reason": ""},
        {"decision": "penalty-notice", "reason": "Support did not work.", "parents": [MOTHER, FATHER]},
    ),
    (
        "notice-to-improve",
        f"/v1/cases/{CASE}/notices-to-improve",
        {
            "parents": [MOTHER],
            "support_offered": "Two meetings.",
            "support_available": "Early Help.",
            "contact_name": "J. Officer",
            "contact_phone": "01245 000000",
            "contact_email": "",
            "expected_improvement": "None missed.",
            "early_grounds": "",
        },
        {
            "parents": [MOTHER],
            "support_offered": "Two meetings.",
            "support_available": "Early Help.",
            "contact": {"name": "J. Officer", "phone": "01245 000000"},
            "expected_improvement": "None missed.",
        },
    ),
    (
        "outcome",
        f"/v1/notices-to-improve/{IMPROVEMENT_NOTICE}/outcome",
        {"notice": IMPROVEMENT_NOTICE, "outcome": "failed", "reason": "Four further sessions."},
        {"outcome": "failed", "reason": "Four further sessions."},
    ),
    (
        "agreement",
        f"/v1/cases/{CASE}/agreement",
        {"agreed": "yes", "recommendation": "penalty-notice", "reason": "Evidence complete."},
        {"agreed": True, "recommendation": "penalty-notice", "reason": "Evidence complete."},
    ),
    (
        "penalty-notice",
        f"/v1/cases/{CASE}/penalty-notices",
        {
            "parents": [MOTHER, FATHER],
            "offence_from-day": "14",
            "offence_from-month": "9",
            "offence_from-year": "2026",
            "offence_to-day": "6",
            "offence_to-month": "10",
            "offence_to-year": "2026",
            "main_reason": "other",
            "set_aside_reason": "",
        },
        {"parents": [MOTHER, FATHER], "offence": {"from": "2026-09-14", "to": "2026-10-06"}, "main_reason": "other"},
    ),
    (
        "liability",
        f"/v1/cases/{CASE}/liability",
        {"parent_id": FATHER, "parent_by": "care", "basis": "allowed", "shown_by": "Lives with him. "},
        {"parent_id": FATHER, "parent_by": "care", "basis": "allowed", "shown_by": "Lives with him."},
    ),
    (
        "liability",
        f"/v1/cases/{CASE}/liability",
        {"parent_id": MOTHER, "basis": "could-have-prevented", "shown_by": "Her e-mail."},
        {"parent_id": MOTHER, "basis": "could-have-prevented", "shown_by": "Her e-mail."},
    ),
    (
        "liability-withdrawal",
        f"/v1/cases/{CASE}/liability/withdrawals",
        {"parent_id": FATHER, "reason": "He moved out."},
        {"parent_id": FATHER, "reason": "He moved out."},
    ),
    (
        "clearance",
        f"/v1/cases/{CASE}/clearances",
        {"about": IMPROVEMENT_NOTICE, "reason": "The mark was put right."},
        {"about": IMPROVEMENT_NOTICE, "reason": "The mark was put right."},
    ),
    (
        "agreement",
        f"/v1/cases/{CASE}/agreement",
        {"agreed": "yes", "recommendation": "penalty-notice", "reason": "Evidence complete.", "refer_to": "100401"},
        {"agreed": True, "recommendation": "penalty-notice", "reason": "Evidence complete.", "refer_to": "100401"},
    ),
]


@pytest.mark.parametrize(("slug", "path", "fields", "body"), ACTIONS)
async def test_an_action_is_sent_in_the_shape_that_the_service_accepts(
    browser: Browser, open_case: Upstreams, slug: str, path: str, fields: dict[str, Any], body: Any
):
    open_case.respond("penalties", path, {}, method="POST", status=201)
    await browser.sign_in("manager")

    response = await browser.fill_in(f"/cases/{CASE}/{slug}", checked="yes", **fields)

    assert act_done(response) == (303, f"/cases/{CASE}", f"{slug}")
    (sent,) = open_case.posted()
    assert (sent.path, sent.body) == (path, body)
    assert len(sent.headers["idempotency-key"]) == 36
    assert 'role="alert"' in (await browser.get(response.headers["location"])).text


@pytest.mark.parametrize(
    ("cause", "change", "sentence"),
    [
        ("mark-changed", CHANGED, "Mon 14 Sep 2026, morning: the mark changed from O to I."),
        ("mark-changed", CHANGED | {"code": "-"}, "Mon 14 Sep 2026, morning: the mark was another child&#39;s."),
        ("mark-changed", CHANGED | {"lost": "not-held"}, "Mon 14 Sep 2026, morning: the school held no session."),
        ("mark-changed", CHANGED | {"lost": "off-roll"}, "Mon 14 Sep 2026, morning: the pupil was not on the school&#39;s roll."),
        ("letter-returned", {"returned_on": "2026-10-02"}, "The letter came back on 2 October 2026."),
    ],
)
async def test_the_clearance_form_shows_what_stopped_the_notice(
    browser: Browser, upstreams: Upstreams, cause: str, change: dict[str, Any], sentence: str
):
    holds = [HOLD | {"cause": cause, "change": change}, HOLD | {"change": CHANGED | {"code": "B"}, "cleared_on": "2026-10-02"}]
    upstreams.respond("penalties", f"/v1/cases/{CASE}", responses.a_case(actions=ALL_PERMISSIONS, notices=[NOTICE], held=True, holds=holds))
    await browser.sign_in("manager")

    html = (await browser.get(f"/cases/{CASE}/clearance")).text

    assert sentence in html
    assert "from O to B" not in html


@pytest.mark.parametrize(("slug", "path", "fields", "body"), ACTIONS)
async def test_a_form_that_was_left_empty_shows_an_error_for_each_required_field(
    browser: Browser, open_case: Upstreams, slug: str, path: str, fields: dict[str, Any], body: Any
):
    await browser.sign_in("manager")

    response = await browser.fill_in(f"/cases/{CASE}/{slug}")

    assert response.status_code == 422
    assert "There is a problem" in response.text
    assert "<title>Error: " in response.text
    for target in response.text.split('<a href="#')[1:]:
        assert f'id="{target.split(chr(34))[0]}"' in response.text
    assert open_case.posted() == []


async def test_a_refused_decision_shows_everything_that_is_missing_and_keeps_the_entries(browser: Browser, open_case: Upstreams):
    missing = [
        {"code": "no-improvement-notice-reason", "detail": "No Notice to Improve was served on this parent: say why.", "parent_id": FATHER},
        {"code": "held", "detail": "A mark relied on has changed."},
    ]
    problem = {
        "type": "/problems/decision-refused",
        "title": "This decision is not possible now",
        "status": 409,
        "detail": "Both.",
        "missing": missing,
    }
    open_case.respond("penalties", f"/v1/cases/{CASE}/decisions", problem, method="POST", status=409)
    await browser.sign_in("aco")

    response = await browser.fill_in(
        f"/cases/{CASE}/decision", decision="penalty-notice", reason="Support <did> not work.", parents=[FATHER]
    )

    assert response.status_code == 409
    assert "Alex Example: No Notice to Improve was served on this parent: say why." in response.text
    assert "A mark relied on has changed." in response.text
    assert "Support &lt;did&gt; not work.</textarea>" in response.text
    assert f'value="{FATHER}" checked' in response.text
    assert f'value="{MOTHER}" checked' not in response.text


async def test_a_field_that_the_service_refuses_is_named(browser: Browser, open_case: Upstreams):
    problem = {
        "title": "Not of the right shape",
        "status": 422,
        "errors": [{"where": ["body", "offence", "from"], "what": "Input should be a valid date"}],
    }
    open_case.respond("penalties", f"/v1/cases/{CASE}/penalty-notices", problem, method="POST", status=422)
    await browser.sign_in("aco")

    fields = ACTIONS[4][2] | {"offence_from-day": "31", "offence_from-month": "9"}
    response = await browser.fill_in(f"/cases/{CASE}/penalty-notice", **fields)

    assert open_case.posted()[0].body["offence"]["from"] == "2026-9-31"
    assert '<a href="#offence_from">Enter a real date, such as 9 October 2026</a>' in response.text
    assert 'id="offence_from-error"' in response.text


async def test_the_form_is_kept_with_its_idempotency_key_while_penalties_is_down(browser: Browser, open_case: Upstreams):
    open_case.respond("penalties", f"/v1/cases/{CASE}/decisions", {"title": "Unavailable"}, method="POST", status=503)
    await browser.sign_in("aco")
    first = await browser.fill_in(
        f"/cases/{CASE}/decision", decision="support", reason="Two meetings & breakfast club.", parents=[MOTHER, FATHER]
    )

    open_case.respond("penalties", f"/v1/cases/{CASE}/decisions", {}, method="POST", status=201)
    fields: dict[str, Any] = {}
    for name, value in findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', first.text.split("<main")[1]):
        fields.setdefault(name, []).append(unescape(value))
    second = await browser.send(f"/cases/{CASE}/decision", **fields)

    assert (first.status_code, second.status_code) == (502, 303)
    one, two = open_case.posted()
    assert one.body == two.body
    assert one.headers["idempotency-key"] == two.headers["idempotency-key"]


async def test_an_action_that_is_not_possible_now_shows_why_and_has_no_form(browser: Browser):
    await browser.sign_in("school", schools=(responses.URN,))

    html = (await browser.get(f"/cases/{CASE}/agreement")).text

    assert "This needs another role." in html
    assert "idempotency_key" not in html


async def test_a_person_of_a_role_that_may_not_act_sees_why(browser: Browser, open_case: Upstreams):
    open_case.respond(
        "penalties", f"/v1/cases/{CASE}/agreement", {"title": "Forbidden", "detail": "This needs another role."}, method="POST", status=403
    )
    await browser.sign_in("school", schools=(responses.URN,))

    response = await browser.fill_in(f"/cases/{CASE}/agreement", **ACTIONS[3][2])

    assert response.status_code == 403
    assert "This needs another role." in response.text


async def test_an_unknown_action_in_a_case_is_not_found(browser: Browser):
    await browser.sign_in("manager")

    assert (await browser.get(f"/cases/{CASE}/abolition")).status_code == 404


async def test_a_decision_for_a_penalty_notice_needs_at_least_one_parent(browser: Browser, open_case: Upstreams):
    open_case.respond("penalties", f"/v1/cases/{CASE}/decisions", {}, method="POST", status=201)
    await browser.sign_in("aco")

    asked = await browser.fill_in(f"/cases/{CASE}/decision", decision="penalty-notice", reason="Support did not work.")
    closed = await browser.fill_in(f"/cases/{CASE}/decision", decision="no-action", reason="Attendance is good again.")

    assert "Choose at least one parent" in asked.text
    assert closed.status_code == 303
    assert [each.body for each in open_case.posted()] == [{"decision": "no-action", "reason": "Attendance is good again."}]
