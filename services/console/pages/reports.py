"""The report of fairness and timeliness: all schools that the person may see, and one school by month."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from services.console.clients import Services
from services.console.context import Context
from services.console.pages.schools import Urn, read_school
from services.console.responses.reports import Fairness, FairnessMonths, SchoolReasons
from services.console.responses.schools import School
from services.console.responses.values import ListResponse
from shared import clock
from shared.attendance.dates import add_months, school_year_start

router = APIRouter()

Kind = Literal["support", "notice-to-improve", "penalty-notice", "prosecution", "no-action"]
KINDS: tuple[Kind, ...] = ("penalty-notice", "prosecution", "notice-to-improve", "support", "no-action")
DRAWN = 25
"""Schools in the picture: those with a mark are the first. The table has all."""
ASKED_ONE_BY_ONE = 10
"""Schools whose names are asked for each; for more the list of schools is read."""
LONGEST_LIST = 500
MONTHS = 12


@dataclass(frozen=True, slots=True)
class ReportPeriod:
    """A period that the report offers: a school year or a month, by how it stands in the address."""

    value: str
    text: str
    start: date
    end: date

    @property
    def query(self) -> dict[str, str]:
        """Return the period as the API takes it."""
        return {"from": str(self.start), "to": str(self.end)}


def periods(today: date) -> list[ReportPeriod]:
    """Return the periods that can be chosen: this school year and the last one, and the last twelve months."""
    first = school_year_start(today)
    years = [
        ReportPeriod(f"{year}-{(year + 1) % 100:02d}", f"School year {year} to {year + 1}", date(year, 9, 1), date(year + 1, 8, 31))
        for year in (first, first - 1)
    ]
    starts = [add_months(today.replace(day=1), -back) for back in range(MONTHS)]
    return years + [ReportPeriod(f"{start:%Y-%m}", f"{start:%B %Y}", start, add_months(start, 1) - timedelta(days=1)) for start in starts]


Chosen = Annotated[str | None, Query(alias="period", max_length=20)]


def chosen_period(value: str | None) -> ReportPeriod:
    """Return the period of an address; this school year where it names none that is offered."""
    offered = periods(clock.today())
    return next((each for each in offered if each.value == value), offered[0])


@router.get("/reports/fairness")
async def show_fairness(context: Context, chosen: Chosen = None, kind: Kind = "penalty-notice") -> Response:
    """Every school with cases in a period: how soon it decides, and what; those with a mark of blanket practice first."""
    services, period = context.services, chosen_period(chosen)
    report = await services.get("penalties", "/v1/reports/fairness", Fairness, **period.query)
    return context.render(
        "fairness.html",
        period=period,
        periods=periods(clock.today()),
        kind=kind,
        kinds=KINDS,
        schools=report.schools,
        thresholds=report.thresholds,
        drawn=[each for each in report.schools if each.figures.decided][:DRAWN],
        names=await _names(services, {each.urn for each in report.schools}),
    )


@router.get("/reports/fairness.csv")
async def download_fairness(context: Context, chosen: Chosen = None) -> Response:
    """The figures by school and month, as a file for a spreadsheet."""
    services, period = context.services, chosen_period(chosen)
    return await services.document(
        "penalties", "/v1/reports/fairness.csv", f"fairness-{period.value}.csv", "text/csv", "attachment", **period.query
    )


@router.get("/reports/fairness/{urn}")
async def show_school_fairness(context: Context, urn: Urn, chosen: Chosen = None) -> Response:
    """One school: its marks with their numbers, its months, and the reasons that it used again word for word."""
    services, period = context.services, chosen_period(chosen)
    report, months, reasons, school = await asyncio.gather(
        services.get("penalties", "/v1/reports/fairness", Fairness, urn=urn, **period.query),
        services.get("penalties", "/v1/reports/fairness/months", FairnessMonths, urn=urn, **period.query),
        services.get("penalties", "/v1/reports/fairness/reasons", SchoolReasons, urn=urn, **period.query),
        services.optional(read_school(services, urn)),
    )
    return context.render(
        "fairness_school.html",
        urn=urn,
        name=school.name if school else f"School {urn}",
        period=period,
        periods=periods(clock.today()),
        kinds=KINDS,
        thresholds=report.thresholds,
        school=next(iter(report.schools), None),
        months=months.items,
        reasons=reasons,
    )


async def _names(services: Services, urns: Collection[int]) -> Mapping[int, str]:
    """Return the names of these schools, without those that registers does not show to this person."""
    if len(urns) <= ASKED_ONE_BY_ONE:
        each_of = await asyncio.gather(*(services.optional(read_school(services, urn)) for urn in sorted(urns)))
        return {school.urn: school.name for school in each_of if school}
    names: dict[int, str] = {}
    after: str | None = None
    while True:
        found = await services.optional(services.get("registers", "/v1/schools", ListResponse[School], after=after, limit=LONGEST_LIST))
        names |= {school.urn: school.name for school in found.items} if found else {}
        if found is None or not found.next:
            return names
        after = found.next
