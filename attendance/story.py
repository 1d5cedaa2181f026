"""The story that the demo prints: one pupil, with dates, amounts, references to the law, and links."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from services.console.session import make_sign_in_link
from shared.http import tokens
from shared.settings import settings

if TYPE_CHECKING:
    from attendance.demo import Story


async def tell(console: Console, story: "Story") -> None:
    """Print what happened to the story's pupil, as the services now tell it."""
    case = await story.case()
    warned, fined, files = await story.improvement_notices(), await story.penalty_notices(), await story.files()
    threshold = await story.product.ask("GET", "thresholds", f"/v1/pupils/{story.child.upn}/threshold")
    lines = Table.grid(padding=(0, 2))
    first, last = case["sessions"][0], case["sessions"][-1]
    lines.add_row(first["date"], "first of the sessions relied on: absent without leave")
    lines.add_row(last["date"], f"the tenth, in the {last['session']}: the threshold is met, and the school must consider what to do")
    lines.add_row(case["opened_on"], f"a case is opened at school {case['urn']}")
    for notice in warned:
        lines.add_row(
            notice["issued_on"],
            f"Notice to Improve, received {notice['served_on']}; six school weeks, {notice['starts_on']} to {notice['ends_on']}: {notice['status']}",
        )
    for notice in fined:
        lines.add_row(
            notice["issued_on"],
            f"penalty notice {notice['reference']} ({notice['tier']}: {pounds(notice['early_pence'])}, then {pounds(notice['full_pence'])}) for {len(notice['sessions'])} sessions, "
            f"received {notice['received_on']}; lower rate to {notice['early_deadline']}, last day {notice['final_deadline']}: {notice['status']}, {pounds(notice['paid_pence'])} paid",
        )
    for file in files:
        lines.add_row(
            file["opened_on"],
            f"draft court file ({file['offence']}), {len(file['sessions'])} sessions; charge by {file['safe_limit']} to keep them all, at the latest {file['outer_limit']}",
        )
    console.print()
    console.rule("One pupil's year")
    console.print(Padding(lines, (1, 2)))
    console.print("  The law applied:")
    for reference in _references([threshold, case, *warned, *fined, *files]):
        console.print(f"    {reference}", highlight=False)
    base = settings().public_url or settings().service_url("console")
    link = make_sign_in_link(settings().data, tokens.issue("manager", name="Mo Lead"))
    console.print("\n  Look around:")
    console.print(f"    sign in once        {base}{link}", soft_wrap=True, highlight=False)
    console.print(f"    the case            {base}/cases/{case['id']}", soft_wrap=True, highlight=False)
    for file in files:
        console.print(f"    the court file      {base}/files/{file['id']}", soft_wrap=True, highlight=False)
    console.print("    another token       .venv/bin/attendance token --role manager", soft_wrap=True, highlight=False)
    console.print("    stop                Ctrl-C\n")


def pounds(pence: int) -> str:
    """Return an amount for people: £80, £80.50."""
    return f"£{pence // 100}" if pence % 100 == 0 else f"£{pence / 100:.2f}"


def _references(answers: Iterable[Any]) -> list[str]:
    found: dict[str, None] = {}
    for answer in answers:
        for finding in answer.get("findings") or []:
            found.setdefault(f"{finding['reference']}  {finding['href']}")
    return list(found)
