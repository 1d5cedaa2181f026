"""A case shows every session of the weeks judged, in colour, shape and text: what was attended, missed, not held, not on a roll."""

from datetime import date
from typing import Any

import pytest

from services.console.pages.attendance import Records, read_attendance
from services.console.responses.attendance import Calendar, Mark
from services.console.responses.schools import Pupil
from services.console.responses.values import Session
from tests.console.conftest import Browser, text
from tests.console.responses import CASE, UPN, URN, a_case, people, sessions
from tests.console.upstreams import Upstreams

MONDAY, SUNDAY = date(2026, 10, 19), date(2026, 11, 8)
CALENDAR = {
    "terms": [{"start": "2026-09-02", "end": "2026-10-23"}, {"start": "2026-11-02", "end": "2026-12-18"}],
    "closures": [{"date": "2026-11-02", "sessions": ["AM"], "kind": "planned", "reason": "INSET day"}],
}


def a_mark(day: str, half: str, code: str, **changes: Any) -> dict[str, Any]:
    return {"date": day, "session": half, "code": code, "urn": URN, "version": 1, "flagged": False} | changes


def recorded(*marks: dict[str, Any]) -> Records:
    """Give what registers holds of three weeks, of which the second lies between terms."""
    return Records(MONDAY, SUNDAY, [Mark.model_validate(each) for each in marks], {"2026-27": Calendar.model_validate(CALENDAR)})


def kinds_of(*marks: dict[str, Any], pupil: dict[str, Any] | None = None) -> dict[str, tuple[str, str]]:
    """Give the kind and the sign of each session of the three weeks."""
    found = read_attendance(recorded(*marks), Pupil.model_validate(pupil) if pupil else None, [], [])
    return {f"{week.monday} {number}": (cell.kind, cell.sign) for week in found.weeks for number, cell in enumerate(week.cells)}


@pytest.fixture
def a_year_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTENDANCE_TODAY", "2027-01-10")


@pytest.mark.usefixtures("a_year_later")
@pytest.mark.parametrize(
    ("mark", "kind"),
    [
        (a_mark("2026-10-19", "AM", "/"), ("attending", "/")),
        (a_mark("2026-10-19", "AM", "I"), ("authorised", "I")),
        (a_mark("2026-10-19", "AM", "O"), ("unauthorised", "O")),
        (a_mark("2026-10-19", "AM", "Y1"), ("not-possible", "Y1")),
        (a_mark("2026-10-19", "AM", "-"), ("none", "?")),
    ],
)
def test_a_session_is_of_the_kind_of_its_code(mark: dict[str, Any], kind: tuple[str, str]):
    assert kinds_of(mark)["2026-10-19 0"] == kind


@pytest.mark.usefixtures("a_year_later")
def test_a_session_relied_on_whose_mark_changed_names_both_codes():
    relied = [Session.model_validate(each) for each in sessions("2026-10-19")]

    changed, gone, *_ = read_attendance(recorded(a_mark("2026-10-19", "AM", "I")), None, relied, relied).weeks[0].cells

    assert (changed.kind, changed.sign) == ("relied", "I")
    assert changed.words == "O when the threshold was met; the session is I: Ill (not an appointment) today"
    assert gone.words == "O when the threshold was met; the session has no mark today"


@pytest.mark.usefixtures("a_year_later")
def test_a_closure_a_week_between_terms_and_a_day_before_the_roll_differ_from_a_session_without_a_mark():
    pupil = people(schools=[{"urn": URN, "name": "Riverside", "admitted_on": "2026-10-21", "left_on": None}])["pupil"]

    found = kinds_of(pupil=pupil)

    assert (found["2026-11-02 0"], found["2026-11-02 1"]) == (("closed", "\N{MULTIPLICATION SIGN}"), ("none", "?"))
    assert {found[f"2026-10-26 {number}"][0] for number in range(10)} == {"closed"}
    assert [found[f"2026-10-19 {number}"][0] for number in (3, 4)] == ["off-roll", "none"]


def test_a_session_to_come_has_no_sign(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-10-20")

    found = kinds_of()

    assert [found[f"2026-10-19 {number}"] for number in (3, 4)] == [("none", "?"), ("future", "")]


@pytest.mark.usefixtures("a_year_later")
def test_a_mark_on_a_saturday_has_a_column():
    assert kinds_of(a_mark("2026-10-24", "AM", "O"))["2026-10-19 10"] == ("unauthorised", "O")


@pytest.mark.usefixtures("a_year_later")
def test_the_mark_of_another_school_is_named_in_words():
    marks = [a_mark("2026-10-19", "AM", "D"), a_mark("2026-10-19", "AM", "O", urn=100402)]

    cell = read_attendance(recorded(*marks), None, [], []).weeks[0].cells[0]

    assert (cell.kind, cell.sign) == ("unauthorised", "O")
    assert cell.words.endswith(f"School {URN} has D: At the other school where the pupil is also registered")


@pytest.mark.usefixtures("a_year_later")
async def test_a_case_shows_its_weeks_as_a_table_with_a_key(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", f"/v1/cases/{CASE}", a_case(window={"from": "2026-09-14", "to": "2026-11-08"}))
    upstreams.respond("registers", f"/v1/pupils/{UPN}/marks", {"items": [a_mark("2026-09-21", "AM", "/")]})
    upstreams.respond("registers", f"/v1/schools/{URN}/calendars/2026-27", CALENDAR)
    await browser.sign_in("aco")

    html = (await browser.get(f"/cases/{CASE}")).text

    page = text(html)
    assert "Attendance week by week, 14 September 2026 to 8 November 2026" in page
    assert "26 Oct No school: between terms" in page
    assert "/ Here when the register was taken, morning. Attended".replace("/ ", "/ /: ", 1) in page
    assert html.count("console-weeks__without") == 1
    assert upstreams.last(f"/v1/pupils/{UPN}/marks").query == {"from": "2026-09-14", "to": "2026-11-08"}


async def test_a_case_whose_other_sessions_are_not_shown_has_those_relied_on(browser: Browser, upstreams: Upstreams):
    upstreams.stop("registers")
    await browser.sign_in("aco")

    html = (await browser.get(f"/cases/{CASE}")).text

    assert "here are those counted alone" in text(html)
    assert "console-strip__half--counts" in html
