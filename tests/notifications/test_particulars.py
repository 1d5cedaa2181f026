"""What letters print, read back from the finished file."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pytest

import services.notifications
from services.notifications.domain import Authority, Kind, Letter, Obstacle, Person, Pupil, School, compose
from services.notifications.domain.particulars import address_lines
from shared.documents import CannotBePrintedError, render
from tests.notifications.examples import HOME, a_notice_to_improve, a_penalty_notice

TEMPLATES = Path(services.notifications.__file__).parent / "templates"
ESSEX = Authority("881", "Essex County Council", ("County Hall", "Market Road", "Chelmsford", "CM1 1QH"))
SAM = Person("Sam", "Example", tuple(HOME), True)


def composed(kind: Kind, notice: dict[str, Any], **changes: Any) -> Letter | Obstacle:
    given = {"facts": {}, "person": SAM, "pupil": Pupil("Test", "Pupil"), "sender": ESSEX, **changes}
    return compose(
        kind, "letter-1", date(2026, 11, 16), notice, given["facts"], given["person"], given["pupil"], School("School 100401"),
        given["sender"], "https://attendance.example.gov.uk/pay",
    )  # fmt: skip


async def printed(kind: Kind, notice: dict[str, Any], **changes: Any) -> pypdf.PdfReader:
    letter = composed(kind, notice, **changes)
    assert isinstance(letter, Letter)
    return pypdf.PdfReader(io.BytesIO(await render(TEMPLATES / letter.template, letter.snapshot)))


def words(file: pypdf.PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in file.pages).split())


async def test_a_notice_to_improve_has_its_eight_contents():
    text = words(await printed("notice-to-improve", a_notice_to_improve()))

    assert "Monday 14 September 2026 Morning O: Absent without permission" in text
    assert "10 sessions of absence" in text
    assert "section 7" in text
    assert "Two meetings; breakfast club." in text
    assert "Early Help drop-in." in text
    assert "K. Contact" in text
    assert "01245 000000" in text
    assert "a penalty notice may be issued to you, or you may be prosecuted" in text
    assert "from Monday 28 September 2026 to Friday 13 November 2026" in text
    assert "No further unauthorised absence." in text
    assert "Two further sessions in the first three weeks." in text


async def test_without_printed_grounds_a_notice_to_improve_promises_the_whole_period():
    text = words(await printed("notice-to-improve", a_notice_to_improve(early_grounds=None)))

    assert "No penalty notice will be issued on the strength of this notice before the improvement period has ended." in text


async def test_a_penalty_notice_has_every_particular():
    text = words(await printed("penalty-notice", a_penalty_notice()))

    for particular in (
        "Sam Example, 1 High Street, Chelmsford, CM1 1QH",
        "The child Test Pupil",
        "The child's address 1 High Street, Chelmsford, CM1 1QH",
        "School School 100401",
        "J. Officer Role Attendance Compliance Officer Authority Essex County Council",
        "Monday 14 September 2026 to Tuesday 6 October 2026",
        "Friday 18 September 2026 Afternoon O",
        "Date of issue Monday 16 November 2026",
        "by the end of Tuesday 8 December 2026 £80",
        "after that, by the end of Tuesday 15 December 2026 £160",
        "paid to Essex County Council, County Hall, Market Road, Chelmsford, CM1 1QH",
        "https://attendance.example.gov.uk/pay",
        "Reference PN-7K3M-9QXD",
        "payment discharges your liability",
        "may prosecute you for the offence itself under section 444 of the Education Act 1996",
        "it ought not to have been issued to you",
        "it contains a material error",
        "There is no right of appeal",
    ):
        assert particular in text


@pytest.mark.parametrize("role", ["aco", "accredited", "business-support", "manager"])
async def test_whoever_may_issue_a_penalty_notice_has_a_title_in_words(role: str):
    letter = composed("penalty-notice", a_penalty_notice(issued_by_role=role))

    assert isinstance(letter, Letter)
    title = dict(letter.snapshot["issuer"])["Role"]
    assert title[0].isupper()
    assert title != role


async def test_a_second_notice_has_one_amount():
    text = words(await printed("penalty-notice", a_penalty_notice(tier="second", early_pence=16000)))

    assert "by the end of Tuesday 15 December 2026 £160" in text
    assert "8 December" not in text
    assert "There is no lower amount for early payment" in text


async def test_an_excluded_pupil_notice_names_its_own_offence():
    text = words(await printed("excluded-pupil-notice", a_penalty_notice(tier="flat", early_pence=6000, full_pence=12000)))

    assert "under section 105 of the Education and Inspections Act 2006" in text
    assert "in a public place during school hours" in text
    assert "£60" in text
    assert "£120" in text
    assert "444" not in text


async def test_withdrawal_and_receipt_say_what_happened():
    withdrawal = {"kind": "penalty-notice", "ground": "wrong-person", "withdrawn_on": "2026-12-01"}
    payment = {"kind": "penalty-notice", "paid_pence": 8000, "counted_on": "2026-12-08"}

    withdrawn = words(await printed("withdrawal", a_penalty_notice(), facts=withdrawal))
    paid = words(await printed("receipt", a_penalty_notice(), facts=payment))

    assert "withdrawn on Tuesday 1 December 2026, because it ought not to have been issued to you" in withdrawn
    assert "given back in full" in withdrawn
    assert "Paid in all £80" in paid
    assert "your liability for the offence described in the penalty notice is discharged" in paid


async def test_a_letter_is_tagged_for_screen_readers_in_british_english():
    file = await printed("penalty-notice", a_penalty_notice())

    root: Any = file.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "en-GB"
    assert file.metadata
    assert file.metadata.title == "Penalty notice PN-7K3M-9QXD"
    assert b"pdfuaid" in root["/Metadata"].get_data()


async def test_a_letter_is_a4_with_the_address_in_the_window():
    file = await printed("penalty-notice", a_penalty_notice())
    placed: list[tuple[float, float, str]] = []

    def note(text: str, _ctm: Any, matrix: list[float], *_: Any) -> None:
        if text.strip():
            placed.append((_ctm[4] + matrix[4], _ctm[5] + matrix[5], text))

    file.pages[0].extract_text(visitor_text=note)
    box = file.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (595, 842)
    millimetre = 72 / 25.4
    window = [text for x, y, text in placed if 24 * millimetre < x < 120 * millimetre and 30 < 297 - y / millimetre < 95]
    inside = [text for x, y, text in placed if 24 * millimetre < x < 120 * millimetre and 39.5 <= 297 - y / millimetre <= 66.3]
    assert window == inside
    assert "Sam Example" in "".join(inside)
    assert "CM1 1QH" in "".join(inside)


async def test_a_hostile_name_is_printed_as_it_is():
    hostile = Person('#import "x": *', "$x^2$ *bold* @ref <l> \\ `#panic()`", tuple(HOME), True)

    text = words(await printed("penalty-notice", a_penalty_notice(), person=hostile))

    assert '#import "x": * $x^2$ *bold* @ref <l> \\ `#panic()`' in text


async def test_hostile_free_text_is_printed_as_it_is():
    text = words(await printed("notice-to-improve", a_notice_to_improve(support_offered='= Heading #eval("1")\n\n- *x* _y_')))

    assert '= Heading #eval("1") - *x* _y_' in text


def test_a_parent_who_lives_elsewhere_is_not_told_where_the_child_lives():
    apart = Person("Alex", "Example", ("5 Far Road", "Leeds", "LS1 1AA"), False)

    letter = composed("penalty-notice", a_penalty_notice(), person=apart)

    assert isinstance(letter, Letter)
    address = dict(letter.snapshot["particulars"])["The child's address"]
    assert address.startswith("Held by the authority")


def test_eight_lines_of_name_and_address_are_printed_on_seven():
    lines = address_lines("Sam Example", ["Flat 1", "Long House", "1 High Street", "The Estate", "Springfield", "Chelmsford", "CM1 1QH"])

    assert lines == ["Sam Example", "Flat 1", "Long House", "1 High Street", "The Estate", "Springfield, Chelmsford", "CM1 1QH"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"person": None}, "no-such-person"),
        ({"person": Person("Sam", "Example", (), True)}, "no-address"),
        ({"sender": Authority("935", "The local authority (code 935)", ())}, "cannot-be-made"),
    ],
)
def test_what_stands_in_the_way_of_a_penalty_notice(changes: dict[str, Any], reason: str):
    obstacle = composed("penalty-notice", a_penalty_notice(), **changes)

    assert isinstance(obstacle, Obstacle)
    assert obstacle.reason == reason


async def test_a_name_that_no_font_shows_is_refused_without_naming_anyone():
    unprintable = Person("\u674e", "Example", tuple(HOME), True)

    with pytest.raises(CannotBePrintedError) as refusal:
        await printed("penalty-notice", a_penalty_notice(), person=unprintable)

    assert "\u674e" not in str(refusal.value)
