"""Send a synthetic year's registers to a running product and compare the shares of codes with the published ones."""

import asyncio
from collections import Counter
from datetime import timedelta

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TimeRemainingColumn
from rich.table import Table

from attendance import synthetic
from attendance.http import Product


async def send_roll(product: Product, school: synthetic.School) -> None:
    """Tell the product about a school: itself, its calendars, its pupils."""
    body = {"name": school.name, "la_code": "881", "establishment_number": str(school.urn)[-4:], "phase": school.phase}
    await product.ask("PUT", "registers", f"/v1/schools/{school.urn}", body)
    for year in synthetic.TERMS:
        calendar = synthetic.calendar(year)
        await product.ask("PUT", "registers", f"/v1/schools/{school.urn}/calendars/{year}", calendar, role="mis", schools=[school.urn])
    at_once = asyncio.Semaphore(4)

    async def send(child: synthetic.Child) -> None:
        async with at_once:
            await product.ask(
                "PUT", "registers", f"/v1/schools/{school.urn}/pupils/{child.upn}", child.body, role="mis", schools=[school.urn]
            )

    async with asyncio.TaskGroup() as tasks:
        for child in school.children:
            tasks.create_task(send(child))


async def send_register(product: Product, urn: int, day: str, half: str, marks: list[dict[str, str]]) -> None:
    """Send one register."""
    await product.ask("PUT", "registers", f"/v1/schools/{urn}/registers/{day}/{half}", {"marks": marks}, role="mis", schools=[urn])


async def run(console: Console, schools: int, pupils: int, year: str, weeks: int, seed: int) -> int:
    """Simulate; return the exit code."""
    if year not in synthetic.TERMS:
        console.print(f"no calendar for {year}; there is {', '.join(synthetic.TERMS)}")
        return 2
    days = synthetic.school_days(year)
    mondays = sorted({day - timedelta(day.weekday()) for day in days})[:weeks]
    days = [day for day in days if day - timedelta(day.weekday()) in mondays]
    found: dict[str, Counter[str]] = {}
    async with Product() as product:
        with Progress(
            SpinnerColumn(), *Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn(), console=console
        ) as progress:
            made = list(synthetic.schools(schools, pupils, seed))
            rolls = progress.add_task("rolls", total=len(made))
            for school in made:
                await send_roll(product, school)
                progress.advance(rolls)
            registers = progress.add_task("registers", total=len(days) * len(made))
            for day in days:
                async with asyncio.TaskGroup() as tasks:
                    for school in made:
                        tasks.create_task(
                            _send_day(
                                product,
                                school,
                                day.isoformat(),
                                [synthetic.marks(c, school.phase, day, seed) for c in school.children],
                                found,
                            )
                        )
                progress.advance(registers, len(made))
    for phase, counted in found.items():
        _compare(console, phase, counted)
    return 0


async def _send_day(
    product: Product, school: synthetic.School, day: str, codes: list[tuple[str, str]], found: dict[str, Counter[str]]
) -> None:
    for position, half in enumerate(("AM", "PM")):
        marks = [{"upn": child.upn, "code": code[position]} for child, code in zip(school.children, codes, strict=True)]
        await send_register(product, school.urn, day, half, marks)
        found.setdefault(school.phase, Counter()).update("/" if mark["code"] == "\\" else mark["code"] for mark in marks)


def _compare(console: Console, phase: str, counted: Counter[str]) -> None:
    table = Table("code", "published %", "sent %", "difference, percentage points", title=f"{phase}: {counted.total():,} marks")
    for code, share in synthetic.shares(phase).items():
        sent = counted[code] / counted.total()
        table.add_row("/ and \\" if code == "/" else code, f"{share:.3%}", f"{sent:.3%}", f"{(sent - share) * 100:+.3f}")
    console.print(table)
