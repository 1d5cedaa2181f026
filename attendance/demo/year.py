"""Plays the school year day by day. A demo that was interrupted goes on where it stopped, and one that is complete only prints its story."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from pydantic import JsonValue
from rich.console import Console

from attendance import synthetic
from attendance.demo import practice
from attendance.demo.report import print_story
from attendance.demo.story import ABSENT, Story
from attendance.http import Product, Refused
from attendance.progress import progress_bar
from attendance.simulation import send_register, send_roll
from shared import clock
from shared.settings import settings

YEAR = "2025-26"
SEED = 881
SCHOOLS, PUPILS = 3, 60
FIRST_DAY = synthetic.school_days(YEAR)[0]
LAST_DAY = synthetic.school_days(YEAR)[-1]


def _authority() -> tuple[Sequence[synthetic.School], synthetic.Pupil]:
    """Return the schools, the story's pupil among the first one's."""
    made = list(synthetic.schools(SCHOOLS, PUPILS, SEED))
    home: list[JsonValue] = ["12 Orchard Close", "Chelmsford", "CM1 9ZZ"]
    parents: list[JsonValue] = [
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
    body: dict[str, JsonValue] = {
        "forename": "Charlie",
        "surname": "Exampleton",
        "date_of_birth": "2013-03-03",
        "admitted_on": "2024-09-02",
        "parents": parents,
    }
    pupil = synthetic.Pupil(synthetic.upn("881", "3999", 1), body, 0)
    school, *others = made
    return [replace(school, pupils=(*school.pupils, pupil)), *others], pupil


async def run(console: Console) -> int:
    """Play the days that are left, then print the story; return the exit code."""
    file = _date_file()
    if file is None:
        console.print("The demo moves the date: start it by `attendance up`, or set ATTENDANCE_TODAY=@FILE for both.")
        return 2
    schools, pupil = _authority()
    async with Product() as product:
        story = Story(product, schools[0], pupil)
        try:
            await _play(console, product, schools, story, file)
            await print_story(console, story)
        except Refused as refusal:
            console.print(f"[red]The demo stopped:[/red] {refusal}\nStart it again with `attendance demo`: it goes on where it was.")
            return 1
    return 0


async def _play(console: Console, product: Product, schools: Sequence[synthetic.School], story: Story, file: Path) -> None:
    days = [day for day in synthetic.school_days(YEAR) if day >= clock.today() or clock.today() < FIRST_DAY]
    if clock.today() >= LAST_DAY:
        return
    with progress_bar(console) as progress:
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
                    marks = {pupil.upn: _code(pupil, story, school, day, position) for pupil in school.pupils}
                    await send_register(product, school.urn, day.isoformat(), half, marks)
            if step := story.steps.get(day.isoformat()):
                await step()
            if day.isoformat() in practice.DAYS:
                await practice.decide_alike(product, schools[-1].urn)
            if day.isoformat() == practice.LAST_DAY:
                await practice.decline_and_ask_again(product, schools[-1].urn)
            progress.advance(bar)


def _code(pupil: synthetic.Pupil, story: Story, school: synthetic.School, day: date, position: int) -> str:
    if pupil is not story.pupil:
        return synthetic.marks(pupil, school.phase, day, SEED)[position]
    return "O" if day.isoformat() in ABSENT else "/\\"[position]


def _date_file() -> Path | None:
    today = os.environ.get("ATTENDANCE_TODAY", "")
    if today.startswith("@"):
        return Path(today[1:])
    file = settings().data / "today"
    if not today and file.exists():
        os.environ["ATTENDANCE_TODAY"] = f"@{file}"
        return file
    return None


def _move_to(file: Path, day: date) -> None:
    # Replaced at once, so that a reader never finds half a date; never moved back.
    if day > clock.today():
        new = file.with_suffix(".new")
        new.write_text(day.isoformat(), encoding="ascii")
        new.replace(file)
