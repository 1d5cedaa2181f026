"""A school year of a small synthetic authority, played day by day, and the story of one pupil from register to court file.

Every step is one that a school, an officer, a parent or a provider takes through the public API. Each step looks first whether it has
been taken, so a demo that was interrupted goes on where it stopped, and one that is complete only tells its story.
"""

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from attendance import synthetic
from attendance.http import Product, Refused, eventually
from attendance.simulation import send_register, send_roll
from attendance.story import tell
from shared import clock
from shared.settings import settings

YEAR = "2025-26"
SEED = 881
SCHOOLS, PUPILS = 3, 60
FIRST_DAY = synthetic.school_days(YEAR)[0]
LAST_DAY = synthetic.school_days(YEAR)[-1]

HEAD_OF_YEAR = "Jo Hale"
OFFICER = "Ann Officer"
MANAGER = "Mo Lead"

_ABSENT = ("2026-04-13", "2026-04-14", "2026-04-15", "2026-04-16", "2026-04-17", "2026-05-05", "2026-05-06")
"""The days on which the story's pupil is absent without leave, morning and afternoon."""


@dataclass
class Story:
    """One pupil and two parents; what has happened is asked from the product, never remembered."""

    product: Product
    school: synthetic.School
    child: synthetic.Child
    steps: Mapping[str, Callable[[], Awaitable[None]]] = field(init=False)

    def __post_init__(self) -> None:
        self.steps = {
            "2026-04-20": self.warn,
            "2026-06-15": self.fine,
            "2026-07-06": self.first_parent_pays,
            "2026-07-15": self.second_parent_is_overdue,
        }

    async def case(self) -> dict[str, Any]:
        """Return the pupil's case."""

        async def look() -> list[dict[str, Any]]:
            items: list[dict[str, Any]] = (await self.product.ask("GET", "penalties", f"/v1/cases?upn={self.child.upn}"))["items"]
            return items

        found = await eventually("a case for the story's pupil", look)
        case: dict[str, Any] = await self.product.ask("GET", "penalties", f"/v1/cases/{found[0]['id']}")
        return case

    async def notices(self, kind: str, path: str) -> list[dict[str, Any]]:
        """Return the case's notices of one kind, each as its own page shows it, in a fixed order."""
        found = [each for each in (await self.case())["notices"] if each["kind"] == kind]
        return sorted(
            [await self.product.ask("GET", "penalties", f"/v1/{path}/{each['id']}") for each in found], key=lambda each: str(each["id"])
        )

    async def improvement_notices(self) -> list[dict[str, Any]]:
        """Return the Notices to Improve."""
        return await self.notices("notice-to-improve", "notices-to-improve")

    async def penalty_notices(self) -> list[dict[str, Any]]:
        """Return the penalty notices."""
        return await self.notices("penalty-notice", "penalty-notices")

    async def warn(self) -> None:
        """The school decides, and issues a Notice to Improve to each parent."""

        async def both_parents() -> list[Any]:
            parents = (await self.case())["parents"]
            return [parent["id"] for parent in parents] if len(parents) == 2 else []

        parents = await eventually("both parents are known", both_parents)
        if not await self.improvement_notices():
            case = await self.case()
            await self._school(
                "decisions", case, {"decision": "notice-to-improve", "parents": parents, "reason": "Two meetings offered, none attended."}
            )
            await self._school(
                "notices-to-improve",
                case,
                {
                    "parents": parents,
                    "support_offered": "Two meetings with the head of year; a place at the breakfast club.",
                    "support_available": "The family hub's drop-in on Tuesdays; a later start agreed for two weeks.",
                    "contact": {"name": HEAD_OF_YEAR, "phone": "01245 000000"},
                    "expected_improvement": "No further unauthorised absence.",
                },
            )
        await self._served(self.improvement_notices, "served_on")

    async def fine(self) -> None:
        """The period has failed: the school asks, the authority agrees, an officer issues penalty notices."""
        for notice in await self.improvement_notices():
            if notice["status"] not in {"failed", "met", "failed-early", "cancelled"}:
                await self.product.ask(
                    "POST", "penalties", f"/v1/notices-to-improve/{notice['id']}/outcome", {"outcome": "failed", "reason": "Four further sessions, no engagement."},
                    role="school", schools=[self.school.urn], name=HEAD_OF_YEAR,
                )  # fmt: skip
        if not await self.penalty_notices():
            case = await self.case()
            parents = [parent["id"] for parent in case["parents"]]
            await self._school("decisions", case, {"decision": "penalty-notice", "parents": parents, "reason": "Support did not work."})
            await self._officer(
                "agreement",
                case,
                {"agreed": True, "recommendation": "penalty-notice", "reason": "Evidence complete; would be prosecuted if unpaid."},
                MANAGER,
            )
            await self._officer(
                "penalty-notices",
                case,
                {"parents": parents, "offence": {"from": _ABSENT[0], "to": _ABSENT[-1]}, "main_reason": "other"},
                OFFICER,
            )
        await self._served(self.penalty_notices, "received_on")

    async def first_parent_pays(self) -> None:
        """One parent pays at the lower rate, online."""
        payer, _ = await self.penalty_notices()
        if payer["status"] == "served":
            payment = await self.product.ask(
                "POST",
                "penalties",
                f"/v1/penalty-notices/{payer['id']}/payments",
                {"return_url": f"{settings().service_url('console')}/"},
                role="aco",
                name=OFFICER,
            )
            await self.product.provider(f"/stand-in/payments/{payment['payment_id']}/success")

        async def paid() -> bool:
            return bool((await self.penalty_notices())[0]["status"] == "paid")

        await eventually("the payment is counted", paid)

    async def second_parent_is_overdue(self) -> None:
        """The other does not pay, and the day after the last day a court file is opened."""
        await eventually("a court file", self.files)

    async def files(self) -> list[dict[str, Any]]:
        """Return the pupil's court files."""
        items: list[dict[str, Any]] = (await self.product.ask("GET", "prosecutions", f"/v1/files?upn={self.child.upn}"))["items"]
        return [await self.product.ask("GET", "prosecutions", f"/v1/files/{each['id']}") for each in items]

    async def _school(self, what: str, case: dict[str, Any], body: Any) -> None:
        await self.product.ask(
            "POST", "penalties", f"/v1/cases/{case['id']}/{what}", body, role="school", schools=[self.school.urn], name=HEAD_OF_YEAR
        )

    async def _officer(self, what: str, case: dict[str, Any], body: Any, name: str) -> None:
        await self.product.ask(
            "POST", "penalties", f"/v1/cases/{case['id']}/{what}", body, role="manager" if name == MANAGER else "aco", name=name
        )

    async def _served(self, notices: Callable[[], Awaitable[list[dict[str, Any]]]], day: str) -> None:
        async def all_served() -> bool:
            return all(each[day] for each in await notices())

        await eventually("letters are served", all_served)


def _authority() -> tuple[Sequence[synthetic.School], synthetic.Child]:
    """Return the schools, the story's pupil among the first one's."""
    made = list(synthetic.schools(SCHOOLS, PUPILS, SEED))
    home = ["12 Orchard Close", "Chelmsford", "CM1 9ZZ"]
    parents = [
        {
            "ref": f"STORY-{n}",
            "forename": forename,
            "surname": "Exampleton",
            "relationship": relationship,
            "lives_with_pupil": True,
            "address": home,
        }
        for n, (forename, relationship) in enumerate((("Robin", "mother"), ("Lee", "father")))
    ]
    body = {"forename": "Charlie", "surname": "Exampleton", "date_of_birth": "2013-03-03", "admitted_on": "2024-09-02", "parents": parents}
    child = synthetic.Child(synthetic.upn("881", "3999", 1), body, 0)
    first = made[0]
    return [synthetic.School(first.urn, first.name, first.phase, (*first.children, child)), *made[1:]], child


async def run(console: Console) -> int:
    """Play what has not been played, then tell the story; return the exit code."""
    file = _date_file()
    if file is None:
        console.print("The demo moves the date: start it by `attendance up`, or set ATTENDANCE_TODAY=@FILE for both.")
        return 2
    schools, child = _authority()
    async with Product() as product:
        story = Story(product, schools[0], child)
        try:
            await _play(console, product, schools, story, file)
            await tell(console, story)
        except Refused as refusal:
            console.print(f"[red]The demo stopped:[/red] {refusal}\nStart it again with `attendance demo`: it goes on where it was.")
            return 1
    return 0


async def _play(console: Console, product: Product, schools: Sequence[synthetic.School], story: Story, file: Path) -> None:
    days = [day for day in synthetic.school_days(YEAR) if day >= clock.today() or clock.today() < FIRST_DAY]
    if clock.today() >= LAST_DAY:
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        *Progress.get_default_columns()[1:2],
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        if clock.today() <= FIRST_DAY:
            rolls = progress.add_task("schools, calendars, pupils", total=len(schools))
            for school in schools:
                await send_roll(product, school)
                progress.advance(rolls)
        bar = progress.add_task("school days", total=len(days))
        for day in days:
            progress.update(bar, description=f"school day {day:%a %d %b %Y}")
            _move_to(file, day)
            for position, half in enumerate(("AM", "PM")):
                for school in schools:
                    marks = [{"upn": child.upn, "code": _code(child, story, school, day, position)} for child in school.children]
                    await send_register(product, school.urn, day.isoformat(), half, marks)
            if step := story.steps.get(day.isoformat()):
                await step()
            progress.advance(bar)


def _code(child: synthetic.Child, story: Story, school: synthetic.School, day: date, position: int) -> str:
    if child is not story.child:
        return synthetic.marks(child, school.phase, day, SEED)[position]
    return "O" if day.isoformat() in _ABSENT else "/\\"[position]


def _date_file() -> Path | None:
    said = os.environ.get("ATTENDANCE_TODAY", "")
    if said.startswith("@"):
        return Path(said[1:])
    file = settings().data / "today"
    if not said and file.exists():
        os.environ["ATTENDANCE_TODAY"] = f"@{file}"
        return file
    return None


def _move_to(file: Path, day: date) -> None:
    # Replaced whole, so that a reader never finds half a date; never moved back.
    if day > clock.today():
        new = file.with_suffix(".new")
        new.write_text(day.isoformat(), encoding="ascii")
        new.replace(file)
