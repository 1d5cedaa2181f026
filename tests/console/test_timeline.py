"""A case shows everything that happened, the latest first, with who, when and why; and its parents' matters side by side."""

from typing import Any

from tests.console import responses, steps, support
from tests.console.conftest import Browser, text
from tests.console.holds import a_hold
from tests.console.responses import CASE, FATHER, IMPROVEMENT_NOTICE, MOTHER, PENALTY_NOTICE
from tests.console.test_steps import a_matter
from tests.console.upstreams import Upstreams

NOTICES = [
    steps.a_notice_of_a_case(IMPROVEMENT_NOTICE, "notice-to-improve", MOTHER, "failed", "2026-09-21"),
    steps.a_notice_of_a_case(PENALTY_NOTICE, "penalty-notice", FATHER, "withdrawn", "2026-11-16"),
]


async def page_of(browser: Browser, upstreams: Upstreams, **changes: Any) -> str:
    upstreams.respond("penalties", f"/v1/cases/{CASE}", responses.a_case(**changes))
    await browser.sign_in("aco")
    return text((await browser.get(f"/cases/{CASE}")).text)


async def test_a_case_shows_what_happened_the_latest_first_with_who_and_why(browser: Browser, upstreams: Upstreams):
    improvement = responses.an_improvement_notice(
        status="failed", ended_on="2026-11-14", ended_by="J. Officer", outcome_reason="Four more."
    )
    penalty = responses.a_penalty_notice(withdrawn_on="2026-12-01", withdrawal_ground="material-error", parent_id=FATHER)
    upstreams.respond("penalties", f"/v1/notices-to-improve/{IMPROVEMENT_NOTICE}", improvement)
    upstreams.respond("penalties", f"/v1/penalty-notices/{PENALTY_NOTICE}", penalty)
    hold = a_hold(cleared_on="2026-10-02", cleared_by="Ann Officer", cleared_reason="The mark was put right.")

    page = await page_of(
        browser, upstreams, notices=NOTICES, decisions=[steps.a_decision()], agreements=[steps.an_agreement()], holds=[hold]
    )

    happened = page.partition("What happened")[2]
    order = [
        "to Alex Example withdrawn: material error 1 December 2026",
        "The authority agrees: penalty notice 16 November 2026, Ann Officer (Attendance compliance officer) Evidence complete.",
        "Decision. Penalty notice: Alex Example 16 November 2026, J. Officer (School) Support did not work.",
        "Notice to Improve to Sam Example: failed 14 November 2026, J. Officer Four more.",
        "Cleared, so that it may go on 2 October 2026, Ann Officer The mark was put right.",
        "Stopped until an officer clears it 1 October 2026 Mon 14 Sep 2026, morning: the mark changed from O to I.",
        "Notice to Improve to Sam Example received 23 September 2026",
        "Notice to Improve to Sam Example issued 21 September 2026",
        "The case was opened 18 September 2026",
    ]
    shown = [happened.find(each) for each in order]
    assert [each for each, at in zip(order, shown, strict=True) if at < 0] == []
    assert shown == sorted(shown)


async def test_a_case_shows_what_was_tried_with_a_way_to_the_entry(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", f"/v1/cases/{CASE}", responses.a_case())
    await browser.sign_in("aco")

    html = (await browser.get(f"/cases/{CASE}")).text

    assert f'href="/cases/{CASE}/support/{support.ENTRY}"' in html.partition('id="happened"')[2]


async def test_the_matters_of_two_parents_stand_side_by_side_with_what_comes_next(browser: Browser, upstreams: Upstreams):
    mother, father = responses.a_case()["parents"]
    to_answer = {"what": "answer", "by_whom": "aco", "due_on": "2026-10-01"}
    parents = [
        mother | {"matter": a_matter(stage="requested", next=to_answer)},
        father | {"matter": a_matter(stage="ended", outcome="paid", ended_on="2026-10-09")},
    ]

    page = await page_of(browser, upstreams, parents=parents)

    assert "Sam Example, mother The authority is asked Next: The authority is to answer the request by 1 October 2026" in page
    assert "Alex Example, father Ended Paid, 9 October 2026" in page
    assert "Overdue" in page.partition("Sam Example, mother")[2].partition("Alex Example")[0]
