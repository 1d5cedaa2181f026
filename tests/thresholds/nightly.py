"""A night's worth of random pupils against the brute-force reference: `python -m tests.thresholds.nightly --pupils 100000`.

Every pupil's facts arrive in two random orders at the rules in memory, and every fortieth pupil's, mixed with others', at the real
consumers over a real PostgreSQL. Each must end as the reference, which reads the prose of the rule and knows no order, does.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random
from time import monotonic
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from services.thresholds.app import SERVICE
from services.thresholds.domain.judgement import NOTHING_COUNTS
from services.thresholds.use_cases.judging import policies as installed
from services.thresholds.use_cases.recomputation import find_stale_standings
from services.thresholds.use_cases.standings import judgements
from shared.contracts.event import Event
from shared.database import Database
from shared.ids import new_id
from tests.support import deliver
from tests.support.databases import ServiceDatabase, running_postgres
from tests.thresholds.builders import policies
from tests.thresholds.in_memory import InMemoryThresholds
from tests.thresholds.reference import World, judged, on_roll
from tests.thresholds.streams import events_of, shuffled
from tests.thresholds.worlds import SCHOOLS, a_world, in_reference_terms

SHOWN = 5
"""Disagreements printed in full."""
BATCH_SIZE = 20
"""Pupils whose events arrive at the database mixed."""


def features(world: World, want: dict[str, Any], events: Sequence[Event]) -> Iterable[str]:
    """Yield what a pupil's history holds, for the count at the end."""
    yield f"{want['status']}, a single holiday" if want["holiday"] else str(want["status"])
    urns = [roll[0] for roll in world.rolls]
    days = {day for _, day, _ in world.marks}
    if any(sum(on_roll(world, urn, day) is not None for urn in {*urns}) > 1 for day in days):
        yield "with marks on two rolls at once"
    if len(urns) > 1 and any(last for *_, last in world.rolls):
        yield "who change school or come back"
    if any(mark.version > 1 for event in events for mark in getattr(event, "marks", ())):
        yield "with amendments"
    if world.successions:
        yield "of schools that continue others"
    if want["holiday"] and not judged(replace(world, successions=set()))["holiday"]:
        yield "whose single holiday spans a succession"
    if world.spent:
        yield "with spent sessions"
    if world.set_aside_to:
        yield "with sessions set aside"
    if not any(urn in {school for school, _ in world.calendars} for urn in urns):
        yield "of schools without a calendar"


def in_memory(number: int, seed: int, counted: Counter[str]) -> str | None:
    """Let one pupil's facts arrive in two orders; return what disagrees."""
    chance, pupil = Random(f"{seed}/{number}"), new_id()
    world = a_world(chance)
    want, events = judged(world), events_of(world, pupil, chance)
    counted.update(features(world, want, events))
    for _ in range(2):
        service = InMemoryThresholds(pupil, policies(world.default_pack))
        for batch in shuffled(events, chance):
            service.arrive(batch)
            counted["events taken in"] += len(batch)
            counted["judgements"] += 1
        got = in_reference_terms(service.judgement)
        if got != want:
            return f"wanted {want}\ngot    {got}\nof     {world}"
    return None


async def in_database(database: Database, numbers: Sequence[int], seed: int, counted: Counter[str]) -> list[str]:
    """Let several pupils' facts arrive mixed at the consumers; return what disagrees."""
    wanted: dict[UUID, tuple[int, World]] = {}
    events: list[Event] = []
    chance = Random(f"{seed}/stored/{numbers[0]}")
    for position, number in enumerate(numbers):
        own, pupil = Random(f"{seed}/{number}"), new_id()
        first = SCHOOLS[0] + 3 * position
        world = a_world(own, (first, first + 1, first + 2))
        world.default_pack = installed()("000").pack
        wanted[pupil] = number, world
        events += events_of(world, pupil, own)
    for batch in shuffled(events, chance, sizes=(20, 100, 400)):
        # Between keys any order is as good as another: one kind after the other is what a busy worker gets.
        await deliver(database, SERVICE, *sorted(batch, key=lambda event: event.type()))
        counted["events stored"] += len(batch)
    async with database.begin() as tx:
        got = await judgements(tx, list(wanted))
    wrong = [str(pupil) for pupil in await find_stale_standings(database)]
    found = [f"stored is not what a recomputation gives: {', '.join(wrong)}"] if wrong else []
    for pupil, (number, world) in wanted.items():
        if in_reference_terms(got.get(pupil, NOTHING_COUNTS)) != judged(world):
            found.append(f"pupil {number}: wanted {judged(world)}\ngot {got.get(pupil)}\nof {world}")
    return found


async def run(console: Console, pupils: int, one_in: int, seed: int, only: int | None, *, memory: bool = True) -> int:
    """Run both parts, or only the one through PostgreSQL; return the exit code."""
    counted: Counter[str] = Counter()
    wrong: list[str] = []
    begun = monotonic()
    numbers = [only] if only is not None else list(range(pupils))
    chosen = numbers[::one_in] if one_in else []
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("in memory, two orders each", total=len(numbers) if memory else 0)
        for done, number in enumerate(numbers if memory else (), start=1):
            if error := in_memory(number, seed, counted):
                wrong.append(f"pupil {number} in memory (again: --seed {seed} --only {number})\n{error}")
            progress.advance(task)
            _print_progress(console, "in memory", done, len(numbers), wrong, begun)
        if chosen:
            task = progress.add_task("through PostgreSQL, mixed", total=len(chosen))
            with running_postgres() as server:
                kept = ServiceDatabase(server, SERVICE)
                for start in range(0, len(chosen), BATCH_SIZE):
                    group = chosen[start : start + BATCH_SIZE]
                    wrong += await in_database(kept.database, group, seed, counted)
                    kept.empty()
                    progress.advance(task, len(group))
                    _print_progress(console, "through PostgreSQL", start + len(group), len(chosen), wrong, begun)
                await kept.close()
    for each in wrong[:SHOWN]:
        console.print(each, markup=False, highlight=False)
    table = Table("", "number", title=f"{len(numbers if memory else chosen):,} pupils, seed {seed}, {monotonic() - begun:,.0f} s")
    for name, count in sorted(counted.items()):
        table.add_row(name, f"{count:,}")
    table.add_row("through PostgreSQL", f"{len(chosen):,}")
    table.add_row("[red]that disagree[/red]" if wrong else "that disagree", f"{len(wrong):,}")
    console.print(table)
    return 1 if wrong else 0


def _print_progress(console: Console, where: str, done: int, total: int, wrong: Sequence[str], begun: float) -> None:
    """Where nobody watches a bar, a line for each tenth."""
    if not console.is_terminal and done % max(total // 10, 1) == 0:
        console.print(f"{done:,} of {total:,} {where}, {len(wrong)} disagree, {monotonic() - begun:,.0f} s", highlight=False)


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.thresholds.nightly", description=__doc__)
    parser.add_argument("--pupils", type=int, default=100_000, help="how many pupils (100,000)")
    parser.add_argument("--stored-one-in", type=int, default=40, help="every which of them goes through PostgreSQL too; 0 for none (40)")
    parser.add_argument("--only-stored", action="store_true", help="leave out the part in memory")
    parser.add_argument("--seed", type=int, default=881, help="the same seed gives the same pupils (881)")
    parser.add_argument("--only", type=int, help="only this pupil")
    asked = parser.parse_args()
    return asyncio.run(run(Console(), asked.pupils, asked.stored_one_in, asked.seed, asked.only, memory=not asked.only_stored))


if __name__ == "__main__":
    sys.exit(main())
