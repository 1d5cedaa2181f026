"""From templates to pages: the GOV.UK Design System's classes, days and money as people write them."""

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import JsonValue
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from services.console.responses.cases import Hold
from services.console.responses.values import Period, Session
from services.console.sign_in import SignIn
from shared import clock
from shared.attendance import dates, money
from shared.attendance.register_codes import codes_on
from shared.http.access import OFFICERS, ROLES

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
HERE = Path(__file__).parent
ASSETS = HERE / "assets"
STATIC = HERE / "static"
"""What `npm run build` puts there: the Design System's style sheet. Without it the console uses its own `plain.css`."""

RETRY_SECONDS = 10
"""When to ask again for a page that came to nothing because a service has too much to do."""

FILE_READERS = ("aco", "acsa", "business-support", "manager")
REPORT_READERS = ("school", "aco", "manager")
IMPORTERS = ("manager",)
"""Schools' systems import too, but open no pages."""
MENU = (
    ("/", "Work list", (*OFFICERS, "school", "accredited")),
    ("/cases", "Cases", (*OFFICERS, "school", "accredited")),
    ("/pupils", "Pupils", (*OFFICERS, "school")),
    ("/differences", "Differences", OFFICERS),
    ("/mergers", "Mergers", OFFICERS),
    ("/matches", "Parents", OFFICERS),
    ("/schools", "Schools", (*OFFICERS, "school")),
    ("/reports/fairness", "Reports", REPORT_READERS),
    ("/imports", "Imports", IMPORTERS),
    ("/files", "Court files", FILE_READERS),
    ("/operations", "Operations", ("operations", "manager")),
)


class Assets(StaticFiles):
    """Files whose address changes with their content, so that browsers may keep them."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return the file with a header that lets browsers cache it for a year."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def page(template: str, sign_in: SignIn | None, path: str, *, status: int = 200, **variables: object) -> HTMLResponse:
    """Return a page made from a template; all variables are escaped. One with status 503 has the time to try again."""
    menu = [entry for entry in MENU if sign_in and sign_in.person.has(*entry[2])]
    role = ROLES.get(sign_in.person.role) if sign_in else None
    common = {"sign_in": sign_in, "role": role, "menu": menu, "path": path, "today": clock.today(), "style_sheets": _style_sheets(STATIC)}
    html = _environment().get_template(template).render(common, **variables)
    return HTMLResponse(html, status, {"Retry-After": str(RETRY_SECONDS)} if status == 503 else None)


def day(value: date | None) -> str:
    """Write a day in full: 18 November 2026."""
    return dates.long_date(value) if value else "not known yet"


def short_day(value: date) -> str:
    """Write a day with its weekday: Wed 18 Nov 2026."""
    return f"{value:%a} {value.day} {value:%b %Y}"


def pounds(pence: int | None) -> str:
    """Write money: £80, or £80.50."""
    return "not known yet" if pence is None else money.pounds(pence)


def countdown(until: date) -> str:
    """Write how far away a day is from `clock.today()`: today, in 3 days, 2 days ago."""
    days = (until - clock.today()).days
    if days in {0, 1, -1}:
        return {0: "today", 1: "tomorrow", -1: "yesterday"}[days]
    return f"in {days} days" if days > 0 else f"{-days} days ago"


def passed(value: date) -> bool:
    """Return whether a day lies before `clock.today()`."""
    return value < clock.today()


def instant(value: datetime) -> str:
    """Write an instant as the clock in London showed it: 18 November 2026, 14:05."""
    here = value.astimezone(clock.LONDON)
    return f"{day(here.date())}, {here:%H:%M}"


def waited(seconds: float) -> str:
    """Write how long something has waited, in the largest unit that is reached: 40 seconds, 3 minutes, 2 hours, 5 days."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if (count := int(seconds // size)) > 0:
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{int(seconds)} seconds"


def number(value: float) -> str:
    """Write a number without a fraction that is nothing: 12, or 12.5."""
    return f"{value:g}"


def half(session: str) -> str:
    """Write which half of the day: Morning, Afternoon."""
    return "Morning" if session == "AM" else "Afternoon"


def code_meaning(session: Session) -> str:
    """Write a register code with what it meant on that day, such as "O: Absent, and no other code applies"."""
    if not session.code:
        return "not known"
    code = codes_on(session.date).get(session.code)
    return f"{session.code}: {code.meaning}" if code else session.code


def fact(value: JsonValue) -> str:
    """Write a fact of a finding: days in full, lists with commas."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, list):
        return ", ".join(fact(each) for each in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {fact(each)}" for name, each in value.items())
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        return day(date.fromisoformat(value))
    return str(value)


def weeks(sessions: Iterable[Session], window: Period | None = None) -> list[tuple[date, list[list[str]]]]:
    """Return the Mondays from the first to the last week and, for Monday to Friday, the codes of morning and afternoon, empty where there is none."""
    codes = {(each.date, each.session): each.code or "" for each in sessions}
    days = [when for when, _ in codes] + ([window.start, window.end] if window else [])
    if not days:
        return []
    monday, last, found = min(days) - timedelta(days=min(days).weekday()), max(days), []
    while monday <= last:
        school_days = [monday + timedelta(days=number) for number in range(5)]
        found.append((monday, [[codes.get((when, "AM"), ""), codes.get((when, "PM"), "")] for when in school_days]))
        monday += timedelta(days=7)
    return found


def label(value: str) -> str:
    """Write a code word such as `penalty-notice` for people: Penalty notice."""
    return LABELS.get(value) or value.replace("-", " ").replace("_", " ").capitalize()


_WHY_LOST = {
    "off-roll": "the pupil was not on the school's roll",
    "not-held": "the school held no session",
    "not-of-age": "the pupil was not of compulsory school age",
    "leave-granted": "the school granted leave for that day, and has not confirmed the mark since",
}


def cause_of_hold(hold: Hold) -> str:
    """Write why a notice is held: a letter came back, or a mark that the notice relies on changed or no longer counts."""
    change = hold.change
    if hold.cause == "letter-returned":
        return f"The letter came back on {day(change.returned_on)}."
    session = f"{short_day(change.on)}, {half(change.session).lower()}" if change.on and change.session else "A session"
    if change.lost:
        return f"{session}: {_WHY_LOST[change.lost]}."
    if change.code == "-":
        return f"{session}: the mark was another child's."
    return f"{session}: the mark changed from {change.previous_code} to {change.code}."


LABELS: Mapping[str, str] = {
    "notice-to-improve": "Notice to Improve",
    **{role: ROLES[role] for role in ("aco", "acsa")},
    "s444": "Section 444 Education Act 1996",
    "s103": "Section 103 Education and Inspections Act 2006",
    "no-action": "No further action",
    "failed-early": "Failed before its end",
    "early_pence": "Lower rate",
    "attendance-contract": "Attendance Contract",
    "early-help": "Early Help",
    "early-help-drop-in": "Early Help drop-in",
    "team-around-the-family": "Team Around the Family (TAF)",
    "lets-talk-we-miss-you": "Let\N{RIGHT SINGLE QUOTATION MARK}s Talk: We Miss You",
    "agency-referral": "Referral to an agency",
    "advice": "Advice from a team",
    "senco-view": "View of the SENCO",
    "safeguarding-lead-view": "View of the safeguarding lead (DSL)",
    "attendance-champion-view": "View of the Senior Attendance Champion",
    "attendance-policy": "Attendance policy given or pointed to",
    "return-conversation": "Return-to-school conversation",
    "officer-drop-in": "Drop-in with an officer",
    "internal-meeting": "Internal meeting of the school",
    "attendance-champion": "Senior Attendance Champion",
    "senco": "SENCO",
    "safeguarding-lead": "Designated safeguarding lead (DSL)",
    "officer-at-meeting": "Officer at a TAF, child-in-need or protection meeting",
    "contact": "Contact with the parents",
    "coding-changed": "Coding reviewed: changed",
    "coding-not-changed": "Coding reviewed: not changed",
    "waiting": "Waiting since then",
}
"""Code words that are not written as themselves with spaces."""


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters.update(day=day, short_day=short_day, pounds=pounds, countdown=countdown, label=label, cause_of_hold=cause_of_hold)
    made.filters.update(
        half=half, code_meaning=code_meaning, fact=fact, weeks=weeks, instant=instant, waited=waited, passed=passed, number=number
    )
    return made


@cache
def _style_sheets(static: Path) -> list[str]:
    design_system = static / "govuk-frontend.min.css"
    main = ("/static", design_system) if design_system.is_file() else ("/assets", ASSETS / "plain.css")
    return [
        f"{folder}/{file.name}?{hashlib.sha256(file.read_bytes()).hexdigest()[:12]}"
        for folder, file in (main, ("/assets", ASSETS / "console.css"))
    ]
