"""The report of the demo: one pupil's year, with dates, amounts, references to the law, and links."""

import textwrap
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial

from rich.console import Console

from attendance.demo.story import MANAGER, Story
from services.console.responses.cases import Case, File
from services.console.responses.values import Finding
from services.console.sign_in import make_sign_in_link
from shared.attendance.money import pounds
from shared.http import tokens
from shared.settings import settings

INDENT = 14
"""Columns before the sentences: two, a date, and two."""


async def print_story(console: Console, story: Story) -> None:
    """Print what happened to the story's pupil, as the services have it now: each step with the law applied."""
    case = await story.case()
    improvement_notices, penalty_notices, files = await story.improvement_notices(), await story.penalty_notices(), await story.files()
    first, last, names = case.sessions[0], case.sessions[-1], case.names
    raw = partial(console.print, highlight=False, soft_wrap=True, markup=False)
    printed: set[str] = set()

    def line(on: date | None, sentence: str, style: str = "") -> None:
        """Print a sentence beside its date, wrapped between words."""
        wrapped = textwrap.wrap(sentence, max(40, console.width - INDENT), break_long_words=False, break_on_hyphens=False)
        for number, part in enumerate(wrapped):
            raw(f"  {str(on) if on and not number else '':<10}  {part}", style=style)

    def law(findings: Iterable[Finding]) -> None:
        """Print the references of findings, each where it is first applied."""
        for finding in findings:
            if finding.reference not in printed:
                printed.add(finding.reference)
                line(None, f"law: {finding.reference} <{finding.href}>", "dim")

    raw()
    console.rule("One pupil's year")
    raw()
    line(first.date, "The first of ten sessions away without leave.")
    line(last.date, f"The tenth, {last.session}: the threshold is met, and the school must consider what to do.")
    law(case.findings)
    line(case.opened_on, f"A case is opened at school {case.urn}.")
    for notice in improvement_notices:
        weeks = f"received {notice.served_on}: six school weeks, {notice.starts_on} to {notice.ends_on}."
        line(notice.issued_on, f"Notice to Improve to {names[notice.parent_id]}, {weeks}")
    law(each for notice in improvement_notices for each in notice.findings)
    for notice in improvement_notices:
        line(notice.ends_on, f"That of {names[notice.parent_id]} has ended; the outcome recorded by a named person: {notice.status}.")
    for fine in penalty_notices:
        sessions = f"for {len(fine.sessions)} sessions, the parent's {fine.tier} in three years."
        line(fine.issued_on, f"Penalty notice {fine.reference} to {names[fine.parent_id]} {sessions}")
        early, full = f"{pounds(fine.early_pence)} to {fine.early_deadline}", f"{pounds(fine.full_pence)} to {fine.final_deadline}"
        line(fine.received_on, f"Received by {names[fine.parent_id]}; {early}, {full}: {fine.status}, {pounds(fine.paid_pence)} paid.")
    law(each for notice in penalty_notices for each in notice.findings)
    for file in files:
        against = f"against {names[file.parent_id]} with {len(file.sessions)} sessions"
        line(file.opened_on, f"Draft court file (s.444 Education Act 1996) {against}; no charge: people decide.")
        line(None, f"A charge by {file.safe_limit} keeps every session; after {file.outer_limit} none can be charged.")
    law(each for file in files for each in file.findings)
    _look_around(raw, case, files)


def _look_around(raw: Callable[[str], None], case: Case, files: Iterable[File]) -> None:
    """Print the addresses of the pages that show all of this."""
    base = settings().public_url or settings().service_url("console")
    link = make_sign_in_link(settings().data, tokens.issue("manager", name=MANAGER))
    raw("\n  Look around:")
    raw(f"    sign in (once)      {base}{link}")
    raw(f"    the case            {base}/cases/{case.id}")
    for file in files:
        raw(f"    the court file      {base}/files/{file.id}")
    raw(f"    a school to ask     {base}/reports/fairness")
    raw("    another token       .venv/bin/attendance token --role manager --name NAME")
    raw("    stop                Ctrl-C\n")
