"""Send a synthetic year's registers to a running product, and compare its statistics with the published ones."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

from pydantic import JsonValue
from rich.console import Console
from rich.table import Table

from attendance import synthetic
from attendance.http import Product, Refused
from attendance.progress import progress_bar
from services.console.responses.values import ServiceResponse
from services.registers.marks.schemas.registers import RegisterOut

NEAR = 0.2
"""Percentage points by which a full year's share of a code may differ from the published one."""


class CodeSessions(ServiceResponse):
    """How many sessions have a code."""

    code: str
    sessions: int


class Totals(ServiceResponse):
    """The possible sessions of a period, the enrolments, and how many of these were persistently absent."""

    possible: int
    enrolments: int
    persistently_absent: int


class Statistics(ServiceResponse):
    """The statistics of a school over a period."""

    items: list[CodeSessions]
    total: Totals


async def send_roll(product: Product, school: synthetic.School) -> None:
    """Send a school, its calendars and its pupils to the product."""
    body = {"name": school.name, "la_code": "881", "establishment_number": str(school.urn)[-4:], "phase": school.phase}
    await product.request("PUT", "registers", f"/v1/schools/{school.urn}", body, name="Synthetic Authority")
    for year in synthetic.TERMS:
        await _put(product, school.urn, f"calendars/{year}", synthetic.calendar(year))
    slots = asyncio.Semaphore(4)

    async def send(pupil: synthetic.Pupil) -> None:
        async with slots:
            await _put(product, school.urn, f"pupils/{pupil.upn}", pupil.body)

    async with asyncio.TaskGroup() as tasks:
        for pupil in school.pupils:
            tasks.create_task(send(pupil))


async def send_register(product: Product, urn: int, day: str, half: str, codes: Mapping[str, str]) -> RegisterOut:
    """Send one register, with a code for each UPN, and return its result."""
    marks: list[JsonValue] = [{"upn": upn, "code": code} for upn, code in codes.items()]
    return RegisterOut.model_validate_json(await _put(product, urn, f"registers/{day}/{half}", {"marks": marks}))


async def _put(product: Product, urn: int, path: str, body: Mapping[str, JsonValue]) -> bytes:
    return await product.request("PUT", "registers", f"/v1/schools/{urn}/{path}", body, role="mis", schools=[urn])


async def run(console: Console, schools: int, pupils: int, year: str, weeks: int | None, seed: int) -> int:
    """Simulate; return the exit code: 1 where a full year's statistics are not near the published ones."""
    if year not in synthetic.TERMS:
        console.print(f"no calendar for {year}; there is {', '.join(synthetic.TERMS)}")
        return 2
    year_days = synthetic.school_days(year)
    mondays = sorted({day - timedelta(day.weekday()) for day in year_days})[:weeks]
    days = [day.isoformat() for day in year_days if day - timedelta(day.weekday()) in mondays]
    made = list(synthetic.schools(schools, pupils, seed))
    off: list[int] | None = None
    try:
        async with Product() as product:
            await _send(console, product, made, days, seed)
            off = [_compare(console, phase, *found) for phase, found in (await _statistics(product, made, days)).items()]
    except* Refused as refusals:
        console.print(f"[red]The simulation stopped:[/red] {refusals.exceptions[0]}", highlight=False)
    if off is None:
        return 1
    if len(days) < len(year_days):
        console.print("A part of a year is like no whole one: the differences are shown, not judged.")
        return 0
    console.print(
        f"{sum(off)} codes differ by more than {NEAR} percentage points" if any(off) else f"every code is within {NEAR} percentage points"
    )
    return 1 if any(off) else 0


async def _send(console: Console, product: Product, made: list[synthetic.School], days: list[str], seed: int) -> None:
    with progress_bar(console) as progress:
        rolls = progress.add_task("rolls", total=len(made))
        for school in made:
            await send_roll(product, school)
            progress.advance(rolls)
        registers = progress.add_task("registers", total=len(days) * len(made))
        slots = asyncio.Semaphore(8)

        async def send(school: synthetic.School, day: str) -> None:
            async with slots:
                await _send_day(product, school, day, seed)
            progress.advance(registers)

        for day in days:
            async with asyncio.TaskGroup() as tasks:
                for school in made:
                    tasks.create_task(send(school, day))


async def _send_day(product: Product, school: synthetic.School, day: str, seed: int) -> None:
    codes = {pupil.upn: synthetic.marks(pupil, school.phase, date.fromisoformat(day), seed) for pupil in school.pupils}
    for position, half in enumerate(("AM", "PM")):
        result = await send_register(product, school.urn, day, half, {upn: both[position] for upn, both in codes.items()})
        if result.rejected:
            raise Refused(f"{len(result.rejected)} marks of {day}: {result.rejected[0].reason}")


async def _statistics(
    product: Product, made: list[synthetic.School], days: list[str]
) -> dict[synthetic.Phase, tuple[Counter[str], Counter[str]]]:
    """Return what the product counts for the schools of each phase: sessions by code, and the totals."""
    found: dict[synthetic.Phase, tuple[Counter[str], Counter[str]]] = {}
    for school in made:
        path = f"/v1/statistics?urn={school.urn}&from={days[0]}&to={days[-1]}&by=code"
        statistics = await product.get("registers", path, Statistics)
        codes, total = found.setdefault(school.phase, (Counter(), Counter()))
        codes.update({each.code: each.sessions for each in statistics.items})
        total.update(statistics.total.model_dump())
    return found


def _compare(console: Console, phase: synthetic.Phase, codes: Counter[str], total: Counter[str]) -> int:
    """Print the shares beside the published ones; return how many are not near."""
    possible = total["possible"]
    table = Table("code", "published %", "counted %", "difference, percentage points", title=f"{phase}: {possible:,} possible sessions")
    off = 0
    published = synthetic.shares(phase)
    for code, share in {**published, **{code: 0.0 for code in codes if code not in published}}.items():
        difference = 100 * ((codes[code] / possible if possible else 0) - share)
        far = abs(difference) > NEAR
        off += far
        counted = f"{codes[code] / possible:.3%}" if possible else "-"
        table.add_row(code, f"{share:.3%}", counted, f"[red]{difference:+.3f}[/red]" if far else f"{difference:+.3f}")
    console.print(table)
    console.print(
        f"{phase}: persistently absent {total['persistently_absent'] / max(total['enrolments'], 1):.1%} of {total['enrolments']:,} pupils"
        f" (published {synthetic.PERSISTENTLY_ABSENT[phase]} %)\n",
        highlight=False,
    )
    return off
