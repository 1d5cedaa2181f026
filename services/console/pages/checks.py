"""The page on which a person checks a notice before it is issued: what goes to whom, with the amounts, days and time bar as they would be."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import JsonValue
from starlette.datastructures import FormData

from services.console.clients import Services
from services.console.pages.forms import Body, date_field, list_field
from services.console.responses.cases import Case
from services.console.responses.family import FamilyAssessment, ProposedNotice
from services.console.responses.proposals import ProposedDates, TimeLimits
from services.console.responses.values import Session
from shared import clock

CHECKED_FIRST = {"notice-to-improve", "penalty-notice"}
"""Actions that are legal acts: nothing is sent before a person has seen what it would be."""


@dataclass(frozen=True, slots=True)
class Check:
    """What a notice would be; what a service does not answer is None, and the page shows that it is missing."""

    parents: Sequence[str]
    offence: tuple[date, date] | None = None
    sessions: Sequence[Session] = ()
    notices: Mapping[str, ProposedNotice] | None = None
    sums: FamilyAssessment | None = None
    dates: ProposedDates | None = None
    limits: TimeLimits | None = None


def awaits_check(slug: str, form: FormData) -> bool:
    """Return whether a form is to be checked first: it is one of a legal act, and was not sent from the page that checks it."""
    return slug in CHECKED_FIRST and form.get("checked") != "yes"


async def load_check(services: Services, case: Case, slug: str, form: FormData) -> Check | None:
    """Return what the notices of a form would be if they were issued and posted today; None where its days are none."""
    chosen = [str(each) for each in list_field(form, "parents")]
    names = [name for parent_id, name in case.names.items() if str(parent_id) in chosen]
    offence = _days(form)
    if slug != "penalty-notice":
        return Check(names)
    if offence is None:
        return None
    first, last = offence
    within = [each for each in case.counting if first <= each.date <= last]
    sessions: list[JsonValue] = [{"date": each.date.isoformat(), "session": each.session} for each in within]
    today = clock.today().isoformat()
    period: JsonValue = {"from": first.isoformat(), "to": last.isoformat()}
    notices: list[JsonValue] = [{"parent_id": each, "pupil_id": str(case.pupil_id)} for each in chosen]
    proposed: Body = {"kind": "penalty-notice", "proposed_on": today, "posted_on": today, "offence": period}
    sums, dates, limits = await asyncio.gather(
        services.optional(
            services.post_and_read(
                "penalties", f"/v1/cases/{case.id}/family-assessments", {"offence": period, "notices": notices}, FamilyAssessment
            )
        ),
        services.optional(services.post_and_read("penalties", "/v1/penalty-notices/assessments", proposed, ProposedDates)),
        services.optional(services.post_and_read("prosecutions", "/v1/time-limits", {"sessions": sessions}, TimeLimits)),
    )
    by_name = {case.names[each.parent_id]: each for each in sums.items if each.parent_id in case.names} if sums else None
    return Check(names, offence, within, by_name, sums, dates, limits)


def _days(form: FormData) -> tuple[date, date] | None:
    """Return the first and last day of the offence; None where one of them is no day."""
    try:
        first, last = (date.fromisoformat(date_field(form, name) or "") for name in ("offence_from", "offence_to"))
    except ValueError:
        return None
    return first, last
