"""A school that decides all its cases alike: what the report of fairness marks. One of its requests is declined, and sent again."""

from collections.abc import Sequence

from pydantic import JsonValue

from attendance.http import Product
from services.console.responses.cases import Case, CaseSummary
from services.console.responses.values import ListResponse

DAYS = ("2026-02-09", "2026-03-23", "2026-07-15")
"""The days on which the school goes through its cases: some wait longer than a case may."""
LAST_DAY = DAYS[-1]

HEAD = "Pat Hurst"
OFFICER = "Ann Officer"
REASON = "Absence without leave is not acceptable at our school."
WITHOUT_NOTICE = "A Notice to Improve makes no difference."


async def decide_alike(product: Product, urn: int) -> None:
    """Ask for a penalty notice in every case of a school that has no decision yet, in the same words."""
    for case in await _cases(product, urn):
        if not case.decisions and case.parents:
            await _ask(product, case, REASON, WITHOUT_NOTICE)


async def decline_and_ask_again(product: Product, urn: int) -> None:
    """The authority declines the first of the requests, and the school asks again with a reason about this family."""
    cases = [case for case in await _cases(product, urn) if case.decisions]
    if any(len(case.decisions) > 1 for case in cases) or not cases:
        return
    case = next((case for case in cases if case.agreements), cases[0])
    if not case.agreements:
        answer: dict[str, JsonValue] = {
            "agreed": False,
            "recommendation": "neither",
            "reason": "The same words stand in every request of this school. Write what was tried with this family, and what came of it.",
        }
        await product.request("POST", "penalties", f"/v1/cases/{case.id}/agreement", answer, role="aco", name=OFFICER)
    again = "We met both parents twice and offered a later start. They took a holiday in term time all the same."
    await _ask(product, case, again, "Support was offered and taken up; a holiday is what is left.")


async def _cases(product: Product, urn: int) -> Sequence[Case]:
    found = await product.get("penalties", f"/v1/cases?urn={urn}&status=open&limit=500", ListResponse[CaseSummary])
    return [await product.get("penalties", f"/v1/cases/{each.id}", Case) for each in found.items if each.urn == urn]


async def _ask(product: Product, case: Case, reason: str, without_notice: str) -> None:
    request: dict[str, JsonValue] = {
        "decision": "penalty-notice",
        "reason": reason,
        "no_improvement_notice_reason": without_notice,
        "parents": [str(parent.id) for parent in case.parents],
    }
    await product.request("POST", "penalties", f"/v1/cases/{case.id}/decisions", request, role="school", schools=[case.urn], name=HEAD)
