"""The story that the demo prints: one pupil, with dates, amounts, references to the law, and links."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.console import Console

from services.console.sign_in import make_sign_in_link
from shared.attendance.money import pounds
from shared.http import tokens
from shared.settings import settings

if TYPE_CHECKING:
    from attendance.demo import Story


async def tell(console: Console, story: "Story") -> None:
    """Print what happened to the story's pupil, as the services now tell it: each step with the law it rests on."""
    case = await story.case()
    warned, fined, files = await story.improvement_notices(), await story.penalty_notices(), await story.files()
    first, last = case["sessions"][0], case["sessions"][-1]
    say = partial(console.print, highlight=False, soft_wrap=True)
    law = _Law(say)
    say()
    console.rule("One pupil's year")
    say(f"\n  {first['date']}  The first of ten sessions away without leave.")
    say(f"  {last['date']}  The tenth, {last['session']}: the threshold is met, and the school must consider what to do.")
    law([case])
    say(f"  {case['opened_on']}  A case is opened at school {case['urn']}.")
    for notice in warned:
        say(
            f"  {notice['issued_on']}  Notice to Improve to one parent, received {notice['served_on']}: six school weeks, {notice['starts_on']} to {notice['ends_on']}."
        )
    law(warned)
    for notice in warned:
        say(f"  {notice['ends_on']}    ended; the outcome recorded by a named person: {notice['status']}.")
    for notice in fined:
        say(
            f"  {notice['issued_on']}  Penalty notice {notice['reference']} for {len(notice['sessions'])} sessions, the parent's {notice['tier']} in three years."
        )
        say(
            f"  {notice['received_on']}    received; {pounds(notice['early_pence'])} to {notice['early_deadline']}, {pounds(notice['full_pence'])} to {notice['final_deadline']}: {notice['status']}, {pounds(notice['paid_pence'])} paid."
        )
    law(fined)
    for file in files:
        say(
            f"  {file['opened_on']}  Draft court file (s.444 Education Act 1996) with {len(file['sessions'])} sessions; no charge: people decide."
        )
        say(f"              A charge by {file['safe_limit']} keeps every session; after {file['outer_limit']} none can be charged.")
    law(files)
    base = settings().public_url or settings().service_url("console")
    link = make_sign_in_link(settings().data, tokens.issue("manager", name="Mo Lead"))
    say("\n  Look around:")
    say(f"    sign in (once)      {base}{link}")
    say(f"    the case            {base}/cases/{case['id']}")
    for file in files:
        say(f"    the court file      {base}/files/{file['id']}")
    say("    another token       .venv/bin/attendance token --role manager")
    say("    stop                Ctrl-C\n")


class _Law:
    """Prints the references of decisions' findings, each where it is first applied."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._told: set[str] = set()

    def __call__(self, decided: Iterable[dict[str, Any]]) -> None:
        for finding in (finding for each in decided for finding in each.get("findings") or []):
            if finding["reference"] not in self._told:
                self._told.add(finding["reference"])
                self._say(f"              [dim]law: {finding['reference']} <{finding['href']}>[/dim]")
