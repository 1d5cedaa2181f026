"""Damaged files: whatever is wrong with the bytes, they are read or refused, and nothing else happens."""

import io
import json
import random
import signal
import zipfile
from typing import get_args

import psutil
import pytest

from services.registers.imports.domain import Format
from services.registers.imports.formats.entries import Entry, Options, Unreadable
from services.registers.imports.formats.files import read
from services.registers.imports.formats.mapping import parse
from tests.registers.entries import entries
from tests.registers.files import a_csv, a_ctf, a_workbook
from tests.registers.given import upn
from tests.support.examples import examples

P = upn(1)
WHOLE = {
    "csv": a_csv(f'{P},10/09/2026,AM,O,"a\r\nb"', f"{P},46275,PM,/,", titles="UPN,Date,Session,Mark,Comment"),
    "ctf": a_ctf(("881", "4021", "2026-09-10", "/,\\,O,C1"), ("881", "4021", "2026-09-10", "/\\##"), upn=P),
    "xlsx": a_workbook([["UPN", "Date", "Session", "Mark"], [P, (46275,), "AM", "O"]]),
    "wonde": json.dumps(
        {
            "students": [{"id": 1, "upn": P}],
            "sessions": {"data": [{"id": 5, "date": "2026-09-10", "session": "AM", "student_id": 1, "code": "O"}]},
        }
    ).encode(),
}


def damaged(content, chance):
    """Change, cut, repeat or put in some bytes."""
    found = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(found))
        match chance.randrange(4):
            case 0:
                found[at] = chance.randrange(256)
            case 1:
                del found[at : at + chance.randint(1, 20)]
            case 2:
                found[at:at] = found[at : at + chance.randint(1, 40)]
            case _:
                found[at:at] = chance.choice(
                    [b"\x00", b"\xff", b'"', b"<", b"&x;", b"[", b"}", b"1e999", b"\\ud800", b"9" * 50, b"\r", b","]
                )
        found = found or bytearray(b" ")
    return bytes(found)


@pytest.mark.parametrize("format_", get_args(Format))
def test_damage_is_read_or_refused(format_):
    chance = random.Random(format_)

    # A workbook is read in a process of its own: four hundred of them take a quarter of a minute.
    for _ in range(examples(400) if format_ == "xlsx" else 400):
        content = damaged(WHOLE[format_], chance)
        try:
            found = [each for each in read(format_, io.BytesIO(content), parse(None), Options(100101)) if isinstance(each, Entry)]
        except Unreadable:
            continue
        for entry in found:
            assert all(part.isprintable() for part in (entry.school, entry.upn, entry.day, entry.half, entry.code)), content
            assert entry.fault or (entry.half in {"AM", "PM"} and len(entry.day) == 10), content


@pytest.mark.parametrize("format_", get_args(Format))
def test_a_file_of_one_kind_read_as_another_is_read_or_refused(format_):
    for content in WHOLE.values():
        try:
            list(read(format_, io.BytesIO(content), parse(None), Options(100101)))
        except Unreadable:
            continue


@pytest.mark.parametrize(
    "far",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row><c r="&#88;FD1048576"><v>1</v></c></row>',
        f'<row r="2">{"<c><v>1</v></c>" * 100}</row><row r="1048576"><c><v>1</v></c></row>',
        '<row r="99999999"><c><v>1</v></c></row>',
        '<row r="2"><c r="XFDX2"><v>1</v></c></row>',
        '<row r="2"><c r="A2"><v>1</v></row>',
    ],
)
def test_a_small_workbook_whose_cells_lie_too_far_apart_is_refused_before_it_takes_all_memory(far):
    with pytest.raises(Unreadable):
        list(read("xlsx", io.BytesIO(a_workbook([["UPN", "Date", "Session", "Mark"]], far)), parse(None), Options(100101)))


def test_a_workbook_with_a_cell_far_down_is_read():
    far = '<row r="99999"><c r="A99999" t="inlineStr"><is><t>end</t></is></c></row>'
    content = a_workbook([["UPN", "Date", "Session", "Mark"], [P, (46275,), "AM", "O"]], far)

    assert [each.upn for each in entries(content)] == [P, "END"]


@pytest.mark.parametrize("part", ["content.xml", "xl/workbook.bin"])
def test_a_workbook_of_another_kind_is_refused(part):
    file = io.BytesIO(WHOLE["xlsx"])
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(part, "")

    with pytest.raises(Unreadable):
        list(read("xlsx", file, parse(None), Options(100101)))


@pytest.mark.parametrize(
    ("how", "error"), [(signal.SIGTERM, InterruptedError), (signal.SIGINT, InterruptedError), (signal.SIGKILL, Unreadable)]
)
def test_a_workbook_whose_reading_is_stopped_is_read_again_later_unless_memory_ran_out(how, error):
    rows = [[P, (46275,), "AM", "O"] for _ in range(20_000)]
    before = set(psutil.Process().children())
    reading = read("xlsx", io.BytesIO(a_workbook([["UPN", "Date", "Session", "Mark"], *rows])), parse(None), Options(100101))
    next(reading)

    (reader,) = set(psutil.Process().children()) - before
    reader.send_signal(how)

    with pytest.raises(error):
        list(reading)
