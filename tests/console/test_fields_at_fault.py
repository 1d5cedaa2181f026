"""A refused form marks the field at fault, in the words of people, whatever name the service has for it."""

import json
from collections.abc import Iterator
from re import findall
from typing import Any

import pytest

from attendance.documentation.catalogue import ROOT
from services.console.clients import Refused
from services.console.pages.refusals import sentences
from services.console.responses.problems import ProblemResponse
from services.console.wording import field_error
from tests.console import responses
from tests.console.conftest import Browser
from tests.console.responses import CASE, LEAVE, MOTHER
from tests.console.support import REFERRAL
from tests.console.test_case_actions import ACTIONS, ALL_PERMISSIONS, HOLD, NOTICE
from tests.console.upstreams import Upstreams

AN_ENTRY = {"kind": "call", "made_on-day": "14", "made_on-month": "9", "made_on-year": "2026", "notes": "Rang."}
FORMS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    **{slug: (f"/cases/{CASE}/{slug}", "penalties", path, fields) for slug, path, fields, _ in ACTIONS},
    "support": (f"/cases/{CASE}/support", "penalties", f"/v1/cases/{CASE}/support-entries", AN_ENTRY),
    "leave": (f"/leave/{LEAVE}/decision", "registers", f"/v1/leave-requests/{LEAVE}/decision", {"outcome": "C", "reason": "A reason."}),
}
"""Each form: its address, the service and the path that it is sent to, and its fields."""

GIVEN_BY_THE_PAGE = {"version"}
"""Fields of a body that no person fills in."""


def request_body(service: str, path: str) -> dict[str, Any]:
    """Give the documented body of a path with an id in it, and the document's schemas."""
    document = json.loads((ROOT / "docs" / "openapi" / f"{service}.json").read_text(encoding="utf-8"))
    parts = path.split("/")
    for known, methods in document["paths"].items():
        each = known.split("/")
        if len(each) == len(parts) and all(a == b or a.startswith("{") for a, b in zip(each, parts, strict=True)) and "post" in methods:
            return {
                "schema": methods["post"]["requestBody"]["content"]["application/json"]["schema"],
                "all": document["components"]["schemas"],
            }
    raise AssertionError(f"{path} is not documented")


def fields_of(schema: dict[str, Any], every: dict[str, Any], before: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Give where each field of a body stands."""
    if "$ref" in schema:
        schema = every[schema["$ref"].rpartition("/")[2]]
    for choice in [each for name in ("anyOf", "oneOf", "allOf") for each in schema.get(name, ())]:
        yield from fields_of(choice, every, before)
    for name, each in schema.get("properties", {}).items():
        yield from fields_of(each, every, (*before, name))
    if "items" in schema:
        yield from fields_of(schema["items"], every, (*before, 0))
    if before and not schema.get("properties") and schema.get("type") != "null":
        yield before


@pytest.mark.parametrize("name", FORMS)
async def test_an_error_about_any_field_leads_to_a_field_of_the_form(browser: Browser, upstreams: Upstreams, name: str):
    address, service, path, fields = FORMS[name]
    case = responses.a_case(actions=ALL_PERMISSIONS, notices=[NOTICE], held=True, holds=[HOLD])
    upstreams.respond("penalties", f"/v1/cases/{CASE}", case)
    body = request_body(service, path)
    where = {each for each in fields_of(body["schema"], body["all"]) if each[0] not in GIVEN_BY_THE_PAGE}
    errors = [{"where": ["body", *each], "what": f"The field {each} is wrong."} for each in sorted(where, key=str)]
    upstreams.respond(service, path, {"title": "Not of the right shape", "errors": errors}, method="POST", status=422)
    await browser.sign_in("manager")

    html = (await browser.fill_in(address, checked="yes", **fields)).text

    summary = html.partition("govuk-error-summary__list")[2].partition("</ul>")[0]
    assert summary.count("<li>") == len(errors)
    targets = findall(r'<a href="#([^"]+)">', summary)
    assert len(targets) == len(errors)
    assert [each for each in targets if f'id="{each}"' not in html or f'id="{each}-error"' not in html] == []


async def test_an_error_about_a_step_of_support_leads_to_the_form_of_the_step(browser: Browser, upstreams: Upstreams):
    path = f"/v1/support-entries/{REFERRAL}/steps"
    errors = [{"where": ["body", name], "what": "String should have at least 3 characters"} for name in ("step", "notes", "taken_on")]
    upstreams.respond("penalties", path, {"title": "Not of the right shape", "errors": errors}, method="POST", status=422)
    await browser.sign_in("manager")
    page = f"/cases/{CASE}/support/{REFERRAL}"
    day = {"taken_on-day": "21", "taken_on-month": "9", "taken_on-year": "2026"}

    html = (await browser.fill_in(page, to=f"{page}/step", step="waiting", step_notes="Six", **day)).text

    assert findall(r'<a href="#([^"]+)">Write at least 3', html) == ["step", "step_notes", "taken_on"]


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"where": ["body", "offence", "to"], "what": "Field required"}, "offence_to"),
        ({"where": ["body", "parents", 0], "what": "Field required"}, "parents"),
        ({"code": "cap", "detail": "Two notices.", "parent_id": MOTHER}, "parents"),
        ({"code": "return-mark", "detail": "No mark."}, "offence_to"),
        ({"code": "held", "detail": "A mark changed."}, ""),
        ({"where": ["body"], "what": "Value error, the period ends before it begins"}, ""),
    ],
)
def test_a_refusal_is_at_the_field_that_it_is_about(item: dict[str, Any], field: str):
    fields = {"offence.to": "offence_to", "return-mark": "offence_to", "parent_id": "parents"}

    ((found, _),) = sentences(Refused("penalties", 422, ProblemResponse.model_validate({"errors": [item]})), {}, fields)

    assert found == field


@pytest.mark.parametrize(
    ("answered", "shown"),
    [
        ("Field required", "Fill this in"),
        (
            "Input should be a valid date or datetime, month value is outside expected range of 1-12",
            "Enter a real date, such as 9 October 2026",
        ),
        ("String should have at least 1 character", "Fill this in"),
        ("String should have at least 3 characters", "Write at least 3 characters"),
        ("String should have at most 4000 characters", "Write at most 4000 characters"),
        ("List should have at least 1 item after validation, not 0", "Choose at least one"),
        ("Input should be 'met', 'failed' or 'cancelled'", "Choose one of those shown"),
        ("Input should be a valid UUID, invalid length: expected length 32 for simple format, found 3", "Choose one of those shown"),
        ("Input should be a valid integer, unable to parse string as an integer", "Enter a number"),
        ("Input should be greater than or equal to 100000", "Enter a number of at least 100000"),
        ("Value error, the offence period ends before it begins", "The offence period ends before it begins"),
        ("The roll begins on 2026-10-09.", "The roll begins on 9 October 2026."),
        ("The day 2026-13-09 is none.", "The day 2026-13-09 is none."),
    ],
)
def test_an_error_of_a_field_is_written_for_people(answered: str, shown: str):
    assert field_error(answered) == shown
