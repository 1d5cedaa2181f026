"""Files attached to entries of the support log: what is kept, who gets it, and what is said when it is damaged."""

import asyncio
import hashlib

import pytest
from sqlalchemy import text

from services.penalties.support.domain.attachments import LONGEST, media_type_of
from tests.penalties.chain import URN, missing
from tests.penalties.test_support_log import CALL, correct, record

PDF = b"%PDF-1.7\nA note of the meeting."
PNG = b"\x89PNG\r\n\x1a\n picture"
JPEG = b"\xff\xd8\xff\xe0 picture"
MAIL = b"Received: from a\r\nFrom: a@example.org\r\nDate: Mon, 14 Sep 2026 09:00:00 +0100\r\nSubject: x\r\n\r\nDear school"


@pytest.fixture
async def case(chain):
    return await chain.opened()


@pytest.fixture
async def entry(chain, case):
    return (await record(chain, case))["id"]


def form(content, name="note.pdf"):
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/html\r\n\r\n'
    return {"content": head.encode() + content + b"\r\n--b--\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}


async def attach(chain, entry, content=PDF, name="note.pdf", expect=201, role="school", urn=URN):
    person = chain.api.as_(role, name="Ann Officer", schools=[urn] if role == "school" else [])
    answer = await person.post(f"/v1/support-entries/{entry}/attachments", **form(content, name))
    assert answer.status_code == expect, answer.text
    return answer.json()


async def download(chain, entry, number=1, role="school", urn=URN):
    person = chain.api.as_(role, name="Ann Officer", schools=[urn] if role == "school" else [])
    return await person.get(f"/v1/support-entries/{entry}/attachments/{number}")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PDF, "application/pdf"),
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (MAIL, "message/rfc822"),
        (b"<html>", None),
        (b"MZ\x90", None),
        (b"GIF89a", None),
        (b"PK\x03\x04", None),
        (b" %PDF-1.7", None),
        (b"From: a@example.org\r\n\r\nNo date", None),
        (b"Dear school,\r\n\r\nFrom: a\r\nDate: b\r\n", None),
        (b"From: a\r\nDate: b\r\n\r\n\x00", None),
    ],
)
def test_a_file_is_recognised_by_its_first_bytes(content, media_type):
    assert media_type_of(content) == media_type


@pytest.mark.parametrize("size", [1, LONGEST - 1, LONGEST])
async def test_a_file_comes_back_as_it_was_attached(chain, entry, size):
    content = (PDF + bytes(LONGEST))[: max(size, len(PDF))]

    (listed,) = (await attach(chain, entry, content))["attachments"]
    answer = await download(chain, entry)

    assert answer.content == content
    assert (listed["size"], listed["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert (listed["name"], listed["media_type"], listed["attached_by"], listed["version"]) == (
        "note.pdf", "application/pdf", "Ann Officer", 1
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("note.pdf", "note.pdf"),
        ("Note.PDF", "Note.PDF"),
        ("note.html", "note.html.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\\\Users\\\\note.pdf", "note.pdf"),
        ("Zoë.pdf", "Zoë.pdf"),
    ],
)
async def test_a_file_is_saved_by_the_browser_under_a_safe_name_and_never_opened(chain, entry, name, kept):
    (listed,) = (await attach(chain, entry, name=name))["attachments"]
    headers = (await download(chain, entry)).headers

    assert listed["name"] == kept
    header = "filename*=UTF-8''Zo%C3%AB.pdf" if kept == "Zoë.pdf" else f'filename="{kept}"'
    assert headers["content-disposition"] == f"attachment; {header}"
    assert (headers["content-type"], headers["x-content-type-options"], headers["cache-control"]) == (
        "application/pdf", "nosniff", "no-store"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (b"", ["attachment-empty"]),
        (b"<script>", ["attachment-kind"]),
        (PDF + bytes(LONGEST + 1 - len(PDF)), ["attachment-too-long"]),
    ],
)
async def test_a_file_that_is_not_kept_is_refused_with_its_reason(chain, entry, content, codes):
    assert missing(await attach(chain, entry, content, expect=409)) == codes
    assert (await chain.get(f"/v1/support-entries/{entry}"))["attachments"] == []


async def test_a_file_that_is_far_too_long_is_refused_before_it_has_all_been_read(chain, entry):
    sent = 0

    async def endless():
        nonlocal sent
        yield form(PDF)["content"].removesuffix(b"\r\n--b--\r\n")
        while sent < 4 * LONGEST:
            sent += 65536
            yield bytes(65536)

    person = chain.api.as_("school", name="Ann", schools=[URN])
    answer = await person.post(f"/v1/support-entries/{entry}/attachments", content=endless(), headers=form(PDF)["headers"])

    assert answer.status_code == 413
    assert sent <= LONGEST + 2 * 65536


async def test_the_log_shows_the_files_of_each_entry_and_the_version_at_which_each_was_attached(chain, case, entry):
    await attach(chain, entry)
    await correct(chain, entry)
    await attach(chain, entry, PNG, "board.png")
    await record(chain, case, made_on="2026-09-20")

    items = (await chain.get(f"/v1/cases/{case}/support-entries"))["items"]

    assert [[(one["number"], one["name"], one["version"]) for one in each["attachments"]] for each in items] == [
        [(1, "note.pdf", 1), (2, "board.png", 2)], []
    ]  # fmt: skip


async def test_the_same_file_is_attached_to_an_entry_once(chain, entry):
    await attach(chain, entry)

    assert missing(await attach(chain, entry, name="other.pdf", expect=409)) == ["attached-already"]


async def test_the_same_request_again_attaches_one_file(chain, entry):
    person, sent = chain.api.as_("school", name="Ann", schools=[URN]), form(PDF)
    for _ in range(2):
        headers = {**sent["headers"], "Idempotency-Key": "k1"}
        answer = await person.post(f"/v1/support-entries/{entry}/attachments", content=sent["content"], headers=headers)
        assert answer.status_code == 201

    assert len((await chain.get(f"/v1/support-entries/{entry}"))["attachments"]) == 1


async def test_two_files_that_come_at_the_same_moment_are_both_kept(chain, entry):
    await asyncio.gather(attach(chain, entry, PDF), attach(chain, entry, PNG))

    kept = (await chain.get(f"/v1/support-entries/{entry}"))["attachments"]
    assert [each["number"] for each in kept] == [1, 2]
    assert {(await download(chain, entry, number)).content for number in (1, 2)} == {PDF, PNG}


async def test_only_those_for_whom_an_entry_was_written_attach_and_whoever_sees_it_downloads(chain, entry):
    await attach(chain, entry, role="aco", expect=403)
    await attach(chain, entry, urn=100499, expect=403)
    await attach(chain, entry)

    assert (await download(chain, entry, role="aco")).status_code == 200
    assert (await download(chain, entry, urn=100499)).status_code == 403
    assert (await download(chain, entry, number=2)).status_code == 404


@pytest.mark.parametrize(
    "damage", ["DELETE FROM support_pieces", "UPDATE support_pieces SET content = overlay(content PLACING 'X' FROM 3)"]
)
async def test_a_file_that_is_damaged_or_missing_is_refused_with_that_reason(chain, database, entry, damage):
    await attach(chain, entry)
    async with database.begin() as tx:
        await tx.execute(text(damage))

    answer = await download(chain, entry)

    assert (answer.status_code, answer.json()["title"]) == (409, "The file is damaged or missing")


async def test_an_entry_with_thirty_files_takes_no_more(chain, entry):
    for number in range(30):
        await attach(chain, entry, PDF + str(number).encode())

    assert missing(await attach(chain, entry, PNG, expect=409)) == ["too-many-attachments"]


async def test_an_entry_that_is_not_of_this_caller_takes_no_file(chain, case):
    officers = await record(chain, case, CALL, role="acsa")

    await attach(chain, officers["id"], expect=403)


async def test_the_same_file_attached_to_two_letters_is_named_beside_the_checklist(chain, case):
    for day, words in (("2026-09-14", "The first."), ("2026-09-21", "The second.")):
        letter = await record(chain, case, kind="letter", made_on=day, notes=words)
        await attach(chain, letter["id"])

    (alike,) = (await chain.get(f"/v1/cases/{case}/support-completeness"))["alike"]

    assert alike["words"].startswith("The same file is attached to 2 letters (14 September 2026, 21 September 2026).")
