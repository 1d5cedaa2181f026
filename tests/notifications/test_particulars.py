"""What letters print, read back from the finished file."""

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, cast

import pypdf
import pytest
from pydantic import TypeAdapter

import services.notifications
from services.notifications.domain.authorities import Authority
from services.notifications.domain.notices import NoticeToImprove, Payment, PenaltyNotice, Withdrawal
from services.notifications.domain.particulars import Letter, Notice, Obstacle, compose
from services.notifications.domain.people import Parent, Person, School, printed_address
from shared.documents import CannotBePrintedError, render
from shared.ids import new_id
from tests.notifications.examples import HOME, a_notice_to_improve, a_penalty_notice

TEMPLATES = Path(services.notifications.__file__).parent / "templates"
ESSEX = Authority("881", "Essex County Council", ("County Hall", "Market Road", "Chelmsford", "CM1 1QH"))


def a_parent(forename: str = "Sam", surname: str = "Example", address: Sequence[str] = HOME, *, lives_with_pupil: bool = True) -> Parent:
    return Parent(forename, surname, new_id(), 100401, tuple(address), lives_with_pupil)


SAM = a_parent()


def improvement(**changes: Any) -> NoticeToImprove:
    return TypeAdapter(NoticeToImprove).validate_python(a_notice_to_improve(**changes))


def penalty(**changes: Any) -> PenaltyNotice:
    return TypeAdapter(PenaltyNotice).validate_python(a_penalty_notice(**changes))


def composed(
    notice: Notice, occasion: Withdrawal | Payment | None = None, *, reader: Parent | None = SAM, sender: Authority = ESSEX
) -> Letter | Obstacle:
    return compose(
        notice, occasion, "letter-1", date(2026, 11, 16), sender, reader, Person("Test", "Pupil"), School("School 100401"),
        "https://attendance.example.gov.uk/pay",
    )  # fmt: skip


async def printed(notice: Notice, occasion: Withdrawal | Payment | None = None, *, reader: Parent = SAM) -> pypdf.PdfReader:
    letter = composed(notice, occasion, reader=reader)
    assert isinstance(letter, Letter)
    return pypdf.PdfReader(io.BytesIO(await render(TEMPLATES / letter.template, letter.contents)))


def rows(letter: Letter | Obstacle, name: str) -> dict[str, str]:
    assert isinstance(letter, Letter)
    return dict(cast("list[tuple[str, str]]", letter.contents[name]))


def words(file: pypdf.PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in file.pages).split())


async def test_a_notice_to_improve_has_its_eight_contents():
    text = words(await printed(improvement()))

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


async def test_a_notice_to_improve_without_early_grounds_promises_the_full_period():
    text = words(await printed(improvement(early_grounds=None)))

    assert "No penalty notice will be issued on the strength of this notice before the improvement period has ended." in text


async def test_a_penalty_notice_has_every_particular():
    text = words(await printed(penalty()))

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
async def test_every_role_that_may_issue_a_penalty_notice_has_an_official_title(role: str):
    letter = composed(penalty(issued_by_role=role))

    title = rows(letter, "issuer")["Role"]
    assert title[0].isupper()
    assert title != role


async def test_a_second_notice_has_one_amount():
    text = words(await printed(penalty(tier="second", early_pence=16000)))

    assert "by the end of Tuesday 15 December 2026 £160" in text
    assert "8 December" not in text
    assert "There is no lower amount for early payment" in text


async def test_an_excluded_pupil_notice_names_its_own_offence():
    text = words(await printed(penalty(kind="excluded-pupil-notice", tier="flat", early_pence=6000, full_pence=12000)))

    assert "under section 105 of the Education and Inspections Act 2006" in text
    assert "in a public place during school hours" in text
    assert "£60" in text
    assert "£120" in text
    assert "444" not in text


async def test_a_withdrawal_and_a_receipt_state_what_happened():
    withdrawal = Withdrawal("wrong-person", date(2026, 12, 1))
    payment = Payment(8000, date(2026, 12, 8))

    withdrawn = words(await printed(penalty(), withdrawal))
    paid = words(await printed(penalty(), payment))

    assert "withdrawn on Tuesday 1 December 2026, because it ought not to have been issued to you" in withdrawn
    assert "given back in full" in withdrawn
    assert "Paid in all £80" in paid
    assert "your liability for the offence described in the penalty notice is discharged" in paid


async def test_a_letter_is_tagged_for_screen_readers_in_british_english():
    file = await printed(penalty())

    root: Any = file.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "en-GB"
    assert file.metadata
    assert file.metadata.title == "Penalty notice PN-7K3M-9QXD"
    assert b"pdfuaid" in root["/Metadata"].get_data()


async def test_a_letter_is_a4_with_the_address_in_the_window():
    file = await printed(penalty())
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
    hostile = a_parent('#import "x": *', "$x^2$ *bold* @ref <l> \\ `#panic()`")

    text = words(await printed(penalty(), reader=hostile))

    assert '#import "x": * $x^2$ *bold* @ref <l> \\ `#panic()`' in text


async def test_hostile_free_text_is_printed_as_it_is():
    text = words(await printed(improvement(support_offered='= Heading #eval("1")\n\n- *x* _y_')))

    assert '= Heading #eval("1") - *x* _y_' in text


def test_a_parent_who_lives_elsewhere_does_not_learn_the_child_s_address():
    apart = a_parent("Alex", address=("5 Far Road", "Leeds", "LS1 1AA"), lives_with_pupil=False)

    letter = composed(penalty(), reader=apart)

    address = rows(letter, "particulars")["The child's address"]
    assert address.startswith("Held by the authority")


def test_eight_lines_of_name_and_address_are_printed_on_seven():
    lines = printed_address("Sam Example", ["Flat 1", "Long House", "1 High Street", "The Estate", "Springfield", "Chelmsford", "CM1 1QH"])

    assert lines == ["Sam Example", "Flat 1", "Long House", "1 High Street", "The Estate", "Springfield, Chelmsford", "CM1 1QH"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"reader": None}, "no-such-person"),
        ({"reader": a_parent(address=())}, "no-address"),
        ({"sender": Authority("935", "The local authority (code 935)", ())}, "cannot-be-made"),
    ],
)
def test_an_obstacle_to_a_penalty_notice_has_its_reason(changes: dict[str, Any], reason: str):
    obstacle = composed(penalty(), **changes)

    assert isinstance(obstacle, Obstacle)
    assert obstacle.reason == reason


async def test_a_name_that_no_font_shows_is_refused_and_not_repeated_in_the_error():
    unprintable = a_parent("\u674e", "Example")

    with pytest.raises(CannotBePrintedError) as refusal:
        await printed(penalty(), reader=unprintable)

    assert "\u674e" not in str(refusal.value)
