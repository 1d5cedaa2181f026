"""The console in a real browser: accessible by WCAG 2.2 AA as far as axe finds, usable by keyboard and on a narrow screen."""

import re
from typing import TYPE_CHECKING

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]

from services.console.sign_in import make_sign_in_link
from shared.http import tokens
from shared.settings import Settings
from tests.browser.pages import PATHS
from tests.console.responses import CASE, IMPORT, LEAVE, UPN, an_import
from tests.console.upstreams import Upstreams

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page


WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


async def barriers(page: "Page") -> list[str]:
    """Give what axe finds wrong, with every expandable part opened."""
    await page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = await Axe().run(page, options=WCAG)
    return [
        f"{page.url} {each['id']}: {node['target']} {node['failureSummary']}"
        for each in found.response["violations"]
        for node in each["nodes"]
    ]


async def test_pages_have_no_barrier_and_do_not_scroll_sideways_on_a_narrow_screen(visitor: "Page"):
    found = []
    for path in PATHS:
        await visitor.set_viewport_size({"width": 1100, "height": 900})
        answer = await visitor.goto(path)
        if answer is None or answer.ok == (path == "/nowhere"):
            found.append(f"{path} is not the page that was meant")
        found += await barriers(visitor)
        await visitor.set_viewport_size({"width": 320, "height": 900})
        if await visitor.evaluate("document.documentElement.scrollWidth") > 320:
            found.append(f"{path} scrolls sideways")

    assert found == []


async def test_error_summaries_and_results_have_no_barrier(visitor: "Page"):
    await visitor.goto(f"/cases/{CASE}/decision")
    await visitor.get_by_role("button", name="Record the decision").click()
    found = await barriers(visitor)
    assert await visitor.get_by_role("alert").get_by_text("There is a problem").is_visible()

    await visitor.goto("/pupils")
    await visitor.get_by_label("Unique pupil number (UPN)").fill(UPN)
    await visitor.get_by_role("button", name="Show the threshold").click()
    found += await barriers(visitor)
    assert await visitor.get_by_role("heading", level=1, name="Robin Example").is_visible()
    assert UPN not in visitor.url

    await visitor.goto(f"/leave/{LEAVE}/decision")
    await visitor.get_by_role("button", name="Record the decision").click()
    found += await barriers(visitor)
    await visitor.get_by_role("link", name="Choose whether leave is granted or refused").click()
    assert await visitor.evaluate("document.activeElement.id") == "outcome"

    await visitor.goto("/imports/new")
    await visitor.get_by_role("button", name="Import the file").click()
    found += await barriers(visitor)

    assert found == []


async def tab_to(page: "Page", wanted: str) -> None:
    """Press Tab until a field of this name, or a button with this text, has the focus; fail after thirty times."""
    focused = "(each => each.name || each.textContent.trim())(document.activeElement)"
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await page.evaluate(focused) == wanted:
            return
    raise AssertionError(f"{wanted} cannot be reached by Tab")


async def test_a_decision_is_taken_by_keyboard_alone(visitor: "Page", upstreams: Upstreams):
    upstreams.respond("penalties", f"/v1/cases/{CASE}/decisions", {}, method="POST", status=201)
    await visitor.goto(f"/cases/{CASE}/decision")

    await visitor.keyboard.press("Tab")
    assert await visitor.evaluate("document.activeElement.textContent") == "Skip to main content"
    await visitor.keyboard.press("Enter")
    await tab_to(visitor, "decision")
    await visitor.keyboard.press("Space")
    await tab_to(visitor, "parents")
    await visitor.keyboard.press("Space")
    await tab_to(visitor, "reason")
    await visitor.keyboard.type("Two meetings offered.")
    await tab_to(visitor, "Record the decision")
    await visitor.keyboard.press("Enter")

    await visitor.get_by_text("The decision is recorded.").wait_for()
    (sent,) = upstreams.posted()
    assert sent.body == {"decision": "support", "reason": "Two meetings offered.", "parents": sent.body["parents"]}
    assert len(sent.body["parents"]) == 1


async def test_a_support_entry_is_recorded_by_keyboard_alone(visitor: "Page", upstreams: Upstreams):
    upstreams.respond("penalties", f"/v1/cases/{CASE}/support-entries", {}, method="POST", status=201)
    await visitor.goto(f"/cases/{CASE}/support")

    await tab_to(visitor, "kind")
    await visitor.keyboard.type("Call")
    await tab_to(visitor, "way")
    await visitor.keyboard.type("By t")
    await tab_to(visitor, "notes")
    await visitor.keyboard.type("Rang the mother.")
    await tab_to(visitor, "Record it")
    await visitor.keyboard.press("Enter")

    await visitor.get_by_text("It is recorded in the log.").wait_for()
    (sent,) = upstreams.posted()
    assert {name: sent.body[name] for name in ("kind", "way", "notes")} == {"kind": "call", "way": "telephone", "notes": "Rang the mother."}


async def test_leave_is_decided_by_keyboard_alone(visitor: "Page", upstreams: Upstreams):
    upstreams.respond("registers", f"/v1/leave-requests/{LEAVE}/decision", {}, method="POST", status=201)
    await visitor.goto(f"/leave/{LEAVE}/decision")

    await visitor.keyboard.press("Tab")
    await visitor.keyboard.press("Enter")
    for key in ("Tab", "Space", "ArrowDown", "ArrowDown", "ArrowDown", "Tab", "Tab"):
        await visitor.keyboard.press(key)
    await visitor.keyboard.type("A holiday in term time.")
    for key in ("Tab", "Enter"):
        await visitor.keyboard.press(key)

    await visitor.get_by_text("The decision is recorded. Every parent gets a letter.").wait_for()
    (sent,) = upstreams.posted()
    assert sent.body == {"outcome": "refused", "reason": "A holiday in term time."}


async def test_a_file_is_chosen_and_sent(visitor: "Page", upstreams: Upstreams):
    upstreams.respond("registers", "/v1/imports", an_import(state="received"), method="POST", status=201)
    await visitor.goto("/imports/new")

    await visitor.get_by_label("File", exact=True).set_input_files({"name": "marks.csv", "mimeType": "text/csv", "buffer": b"UPN,Date\n"})
    await visitor.get_by_role("button", name="Import the file").click()

    await visitor.get_by_text("The file is received.").wait_for()
    assert visitor.url.endswith(f"/imports/{IMPORT}")
    (sent,) = upstreams.posted()
    assert b"UPN,Date" in sent.body


async def test_pages_load_nothing_from_elsewhere_and_keep_to_the_page_policy(visitor: "Page", console: str):
    asked, complaints = [], []
    visitor.on("request", lambda request: asked.append(request.url))
    visitor.on("console", lambda message: complaints.append(message.text))

    for path in PATHS:
        if path != "/nowhere":
            await visitor.goto(path)

    assert [url for url in asked if not url.startswith(console)] == []
    assert complaints == []


async def test_a_page_of_another_site_cannot_send_a_form(visitor: "Page", console: str, upstreams: Upstreams):
    upstreams.requests.clear()
    await visitor.goto("about:blank")

    await visitor.set_content(f'<form method="post" action="{console}/cases/{CASE}/decision"><button>Win a prize</button></form>')
    await visitor.get_by_role("button").click()

    await visitor.get_by_text("This form cannot be accepted").wait_for()
    assert upstreams.requests == []


async def test_a_one_time_link_signs_in(chromium: "Browser", console: str, settings_of_console: Settings):
    page = await chromium.new_page(base_url=console)
    await page.goto(make_sign_in_link(settings_of_console.data, tokens.issue("aco", name="Ann Officer")))

    await page.get_by_role("button", name="Sign in").click()

    await page.get_by_text("Ann Officer, Attendance compliance officer").wait_for()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", page.url)
    await page.close()
