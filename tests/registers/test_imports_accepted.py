"""What is accepted for import, from whom, and who sees what came of it."""

import pytest

from services.registers.app import SERVICE
from tests.registers.files import a_csv, a_form, an_import, counts, given, imported, refused
from tests.registers.given import A, B, a_pupil, a_school, upn
from tests.support import bells

NEVER = "0197a1b2-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    "mapping", [b"columns = 3", b"[columns]\npupil = 'x'", b"colour = 1", b"not toml", b"\xff\xfe", b"[columns]\nupn = 'Nowhere'"]
)
async def test_a_mapping_that_cannot_be_meant_is_refused(api, mapping):
    headers = {"Content-Type": "multipart/form-data; boundary=frontier"}
    await a_school(api)

    answer = await api.as_("manager").post(f"/v1/imports?urn={A}", content=a_form(file=a_csv("x"), mapping=mapping), headers=headers)

    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("content", [b"", b"--frontier--\r\n", a_form(mapping=b""), a_form(file=b"x", mapping=b"#" * 1_100_000)])
async def test_a_form_that_cannot_be_read_is_refused(api, content):
    headers = {"Content-Type": "multipart/form-data; boundary=frontier"}

    answer = await api.as_("manager").post("/v1/imports", content=content, headers=headers)

    assert answer.status_code == 422, answer.text


async def test_a_schools_token_reaches_its_own_registers_and_imports_alone(api, database):
    await given(api, 1)
    await a_school(api, B)
    await a_pupil(api, 2, B)
    content = a_csv(f"{A},{upn(1)},2026-09-10,AM,O", f"{B},{upn(2)},2026-09-10,AM,O", titles="URN,UPN,Date,Session,Code")

    done = await imported(api, database, content, role="mis", schools=[A])
    path = f"/v1/imports/{done['id']}"

    assert counts(done) == {"recorded": 1, "rejected": 1}
    (line,) = await refused(api, done["id"])
    assert line["reason"] == "The marks of this school are not for this token to send; its authority can."
    assert (await an_import(api, content, role="mis", schools=[A], query=f"?urn={B}")).status_code == 403
    assert (await an_import(api, content, role="school", schools=[A])).status_code == 403
    assert (await api.as_("mis", schools=[A]).get(path)).status_code == 200
    assert (await api.as_("mis", schools=[B]).get(path)).status_code == 403
    assert (await api.as_("mis", schools=[B]).get(f"/v1/imports/{NEVER}/report")).status_code == 403
    assert (await api.as_("mis", schools=[B]).get("/v1/imports/x/progress")).status_code == 403
    assert (await api.as_("manager").get(f"/v1/imports/{NEVER}/progress")).status_code == 404
    assert (await api.as_("manager").get("/v1/imports/x")).status_code == 422
    assert (await api.as_("manager", la_code="305").get(path)).status_code == 403
    assert (await api.as_("manager", la_code="881").get(path)).status_code == 200
    clients = [
        api.as_("manager"),
        api.as_("manager", la_code="881"),
        api.as_("manager", la_code="305"),
        api.as_("mis", schools=[A]),
        api.as_("mis", schools=[B]),
    ]
    listed = [(await client.get("/v1/imports")).json()["items"] for client in clients]
    assert [len(items) for items in listed] == [1, 1, 0, 1, 0]
    of_schools = [(await api.as_("manager").get(f"/v1/imports?urn={urn}")).json()["items"] for urn in (A, B)]
    assert [len(items) for items in of_schools] == [1, 0]


async def test_an_officer_of_one_authority_imports_nothing_of_another(api, database):
    await given(api, 1)
    await a_school(api, B, la_code="305")
    await a_pupil(api, 2, B)
    content = a_csv(f"{A},{upn(1)},2026-09-10,AM,O", f"{B},{upn(2)},2026-09-10,AM,O", titles="URN,UPN,Date,Session,Code")

    done = await imported(api, database, content, la_code="881")

    assert counts(done) == {"recorded": 1, "rejected": 1}


async def test_the_same_request_again_is_one_import_whatever_its_boundary(api, database):
    await given(api, 1)
    row = a_csv(f"{upn(1)},2026-09-10,AM,O")
    client = api.as_("manager")

    async def send(boundary, content):
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Idempotency-Key": "k"}
        return await client.post(f"/v1/imports?urn={A}", content=a_form(boundary, file=content), headers=headers)

    first, again, other = await send("one", row), await send("two", row), await send("two", row + b"\r\n")

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.json()["id"] == again.json()["id"]


@pytest.mark.parametrize(
    ("content", "query"),
    [
        (b"", ""),
        (b"Name,Birthday\r\nX,Y\r\n", f"?urn={A}"),
        (b"<a><b></a>", ""),
        (b"PK\x03\x04 no workbook", ""),
        (b'{"sessions": [{]}', ""),
        (b"UPN,Date,Session,Mark\r\n", "?format=pdf"),
        (b"UPN,Date,Session,Mark\r\n", "?urn=5"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_at_once(api, database, content, query):
    await a_school(api)

    answer = await an_import(api, content, query=query)

    assert answer.status_code == 422, answer.text
    assert (await api.as_("manager").get("/v1/imports")).json()["items"] == []


async def test_a_school_that_is_not_known_is_refused_at_once(api):
    answer = await an_import(api, a_csv("x,2026-09-10,AM,O"), query=f"?urn={B}")

    assert answer.status_code == 404


async def test_a_file_that_is_too_long_is_refused(api):
    answer = await an_import(api, b"x", **{"Content-Length": str(600 * 1024 * 1024)})

    assert answer.status_code == 413


async def test_an_import_that_is_accepted_rings_the_job_that_reads_it(api, database):
    await given(api, 1)

    with bells(database, SERVICE) as rung:
        accepted = await an_import(api, a_csv(f"{upn(1)},2026-09-10,AM,O"), query=f"?urn={A}")

        assert (accepted.status_code, rung()) == (201, {"imports"})


@pytest.mark.parametrize(
    ("charset", "value"), [("utf-7", b"+2AA-"), ("unicode_escape", b"\\ud800"), ("punycode", b"a..b"), ("idna", b"xn--a-")]
)
@pytest.mark.parametrize("field", [b'name="mapping"\r\n\r\n%s', b'name="%s"\r\n\r\nx', b'name="file"; filename="%s"\r\n\r\nx'])
async def test_a_form_in_an_encoding_of_its_own_that_is_no_text_is_refused(api, charset, value, field):
    await a_school(api)
    headers = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
    content = b"--b\r\nContent-Disposition: form-data; " + field % value + b"\r\n--b--\r\n"

    answer = await an_import(api, content, **headers)

    assert answer.status_code == 422
