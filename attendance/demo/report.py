"""The report of the demo: one pupil's year, with dates, amounts, references to the law, and links."""

from collections.abc import Iterable
from functools import partial

from rich.console import Console

from attendance.demo.story import MANAGER, Story
from services.console.responses.values import Finding
from services.console.sign_in import make_sign_in_link
from shared.attendance.money import pounds
from shared.http import tokens
from shared.settings import settings


async def print_story(console: Console, story: Story) -> None:
    """Print what happened to the story's pupil, as the services have it now: each step with the law applied."""
    case = await story.case()
    improvement_notices, penalty_notices, files = await story.improvement_notices(), await story.penalty_notices(), await story.files()
    first, last = case.sessions[0], case.sessions[-1]
    line = partial(console.print, highlight=False, soft_wrap=True)
    printed: set[str] = set()

    def law(findings: Iterable[Finding]) -> None:
        """Print the references of findings, each where it is first applied."""
        for finding in findings:
            if finding.reference not in printed:
                printed.add(finding.reference)
                line(f"              [dim]law: {finding.reference} <{finding.href}>[/dim]")

    line()
    console.rule("One pupil's year")
    line(f"\n  {first.date}  The first of ten sessions away without leave.")
    line(f"  {last.date}  The tenth, {last.session}: the threshold is met, and the school must consider what to do.")
    law(case.findings)
    line(f"  {case.opened_on}  A case is opened at school {case.urn}.")
    for notice in improvement_notices:
        line(
            f"  {notice.issued_on}  Notice to Improve to one parent, received {notice.served_on}: six school weeks, {notice.starts_on} to {notice.ends_on}."
        )
    law(each for notice in improvement_notices for each in notice.findings)
    for notice in improvement_notices:
        line(f"  {notice.ends_on}    ended; the outcome recorded by a named person: {notice.status}.")
    for penalty_notice in penalty_notices:
        line(
            f"  {penalty_notice.issued_on}  Penalty notice {penalty_notice.reference} for {len(penalty_notice.sessions)} sessions, the parent's {penalty_notice.tier} in three years."
        )
        line(
            f"  {penalty_notice.received_on}    received; {pounds(penalty_notice.early_pence)} to {penalty_notice.early_deadline}, {pounds(penalty_notice.full_pence)} to {penalty_notice.final_deadline}: {penalty_notice.status}, {pounds(penalty_notice.paid_pence)} paid."
        )
    law(each for notice in penalty_notices for each in notice.findings)
    for file in files:
        line(
            f"  {file.opened_on}  Draft court file (s.444 Education Act 1996) with {len(file.sessions)} sessions; no charge: people decide."
        )
        line(f"              A charge by {file.safe_limit} keeps every session; after {file.outer_limit} none can be charged.")
    law(each for file in files for each in file.findings)
    base = settings().public_url or settings().service_url("console")
    link = make_sign_in_link(settings().data, tokens.issue("manager", name=MANAGER))
    line("\n  Look around:")
    line(f"    sign in (once)      {base}{link}")
    line(f"    the case            {base}/cases/{case.id}")
    for file in files:
        line(f"    the court file      {base}/files/{file.id}")
    line("    another token       .venv/bin/attendance token --role manager")
    line("    stop                Ctrl-C\n")
