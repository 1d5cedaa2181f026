"""Bodies, queries, paths, forms and files that nobody should send."""

import gzip
import io
import json
import zipfile

from tests.registers.files import a_csv, a_ctf, a_workbook

NUL = "%00"
BODIES = {
    "a deep list": b"[" * 200_000 + b"]" * 200_000,
    "a deep object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a number of 4,000 digits": b'{"size":' + b"9" * 4000 + b"}",
    "a number of 100,000 digits": b'{"x":' + b"9" * 100_000 + b"}",
    "a number beyond all floats": b'{"amount":1e400}',
    "no numbers": b'{"a":NaN,"b":Infinity,"c":-Infinity}',
    "no UTF-8": b'{"a":"\xff\xfe"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"a":1}',
    "an escaped NUL": b'{"a":"\\u0000","reason":"\\u0000","name":"\\u0000"}',
    "a NUL": b'{"a":"\x00"}',
    "half a surrogate": b'{"\\ud800":1,"marks":[{"upn":"\\ud800","code":"O"}]}',
    "a list": b"[]",
    "null": b"null",
    "a text": b'"x"',
    "a number": b"1",
    "nothing": b"",
    "fifty thousand names": json.dumps({str(number): number for number in range(50_000)}).encode(),
    "one name three times": b'{"a":1,"a":2,"a":3}',
    "two million letters": json.dumps({"reason": "x" * 2_000_000, "marks": []}).encode(),
    "marks of no pupil": json.dumps({"marks": [{"upn": "\U0001f600" * 50, "code": "O", "minutes_late": 10**30}] * 10}).encode(),
    "marks that are no list": b'{"marks":{"upn":1}}',
    "marks of other types": b'{"marks":[1,null,[],{"upn":null,"code":{}}]}',
    "seventeen megabytes": b'{"a":"' + b"x" * 17_000_000 + b'"}',
    "terms of ten thousand years": b'{"terms":[{"start":"0001-01-01","end":"9999-12-31"}],"closures":[]}',
    "what unpacks to ten megabytes": gzip.compress(b"x" * 10_000_000),
}
PACKED = "what unpacks to ten megabytes"

QUERIES = (
    f"after={NUL}", "after=9223372036854775808", f"after={'9' * 190}", "after=%ff%fe", "after=-1", "from=0001-01-01&to=9999-12-31",
    "from=9999-12-31&to=9999-12-31", "from=0001-01-01&to=0001-01-01", "from=2026-09-01&to=2026-09-01&at=9999-12-31", "limit=1e9", "limit=NaN",
    "urn=99999999999999999999", f"urn={NUL}", f"upn={NUL}", "upn=%ed%a0%80", f"{NUL}={NUL}", f"a={'b' * 60_000}", "status=%F0%9F%98%80",
    f"district={NUL}", f"district={'x' * 5000}", f"search={NUL}", f"name={NUL}", f"la={NUL}", f"page={'9' * 30}",
)  # fmt: skip
PATHS = (
    f"/{NUL}", "/v1/%ff%fe", "//", "/v1//cases", f"/{'a/' * 20_000}", f"/v1/cases/{NUL}", "/v1/pupils/%F0%9F%98%80/threshold",
    "/v1/schools/99999999999999999999", "/v1/pupils/../../x", "/docs/files/../../../../etc/passwd", "/docs/files/%2e%2e/core.py",
    f"/docs/files/{NUL}", f"/assets/{NUL}", "/assets/..%2f..%2fapp.py", f"/static/{NUL}", f"/sign-in/{NUL}", f"/sign-in?next={NUL}",
    f"/letters/{NUL}.pdf", f"/metrics{NUL}",
)  # fmt: skip
METHODS = ("GET", "POST", "OPTIONS", "TRACE", "HEAD", "DELETE")
PAGES = (
    "/", "/cases", "/pupils", "/schools", "/imports", "/imports/new", "/files", "/operations", "/leave", "/unresolved", "/differences",
    "/schools/100777", f"/cases/{NUL}", f"/schools/{NUL}", f"/pupils/{NUL}", f"/files/{NUL}", f"/imports/{NUL}", f"/letters/{NUL}.pdf",
)  # fmt: skip
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
FORMS = (
    (f"token={NUL}".encode(), FORM), (b"a=" * 100_000, FORM), (b"\xff" * 1000, FORM), (b"token=" + b"%F0" * 10_000, FORM),
    (b"token=eyJhbGciOiJIUzI1NiIsImNyaXQiOjF9.e30.AAAA", FORM), (b"x", "multipart/form-data"), (b"--b\r\n" * 1000, PARTS),
)  # fmt: skip
FORM_PAGES = ("/sign-in", f"/sign-in/{NUL}", "/sign-out", "/pupils", "/cases/x/decision", "/imports/new", "/imports")


HEADERS: tuple[dict[str, str | bytes], ...] = (
    {"Authorization": "Bearer"}, {"Authorization": b"Bearer \xff.\xff.\xff"}, {"Authorization": "Bearer " + "x" * 20_000},
    {"Authorization": "Basic eDp4"}, {"Cookie": b"attendance_session=\xff"}, {"Cookie": "attendance_session=" + "." * 20_000},
    {"Cookie": "=;" * 5000}, {"Origin": "http://["}, {"Origin": b"\xff"}, {"Referer": "http://["}, {"Referer": b"//\xff"}, {"Host": "["},
    {"Host": b"\xff"}, {"Host": "x" * 5000}, {"Host": ""}, {"Content-Type": ";;;="}, {"Content-Type": b"\xff/\xff"},
    {"Content-Type": "multipart/form-data; boundary=" + "b" * 500}, {"Content-Type": "multipart/form-data; boundary=b; charset=idna"},
    {"Content-Type": "multipart/form-data; boundary=b; charset=utf-7"}, {"Content-Type": "application/json; charset=utf-7"},
    {"Content-Encoding": "gzip"}, {"Content-Encoding": "x"}, {"If-None-Match": b"\xff,,W/,*"}, {"If-None-Match": '"' * 1000},
    {"Idempotency-Key": ""}, {"Idempotency-Key": b"\xff" * 200}, {"Idempotency-Key": "x" * 201}, {"traceparent": "00-" + "z" * 51},
    {"traceparent": b"\xff"}, {"Range": "bytes=9-1"}, {"Range": "bytes=999999999-"}, {"Range": "x"}, {"Range": "bytes=" + "0-1," * 5000},
    {"Accept": b"\xff"}, {"Accept": "text/plain"}, {"Expect": "100-continue"}, {"Expect": "x"}, {"Connection": "close"},
    {"Upgrade": "websocket", "Connection": "Upgrade"}, {"X-Forwarded-For": "x" * 5000}, {"Pay-Signature": b"\xff"}, {"Pay-Signature": "0"},
    {"Sec-Fetch-Site": "same-origin"}, {"Transfer-Encoding": "chunked"},
)  # fmt: skip
HEADED = (
    ("GET", "/"),
    ("GET", "/health/ready"),
    ("GET", "/docs/files/swagger-ui.css"),
    ("GET", "/assets/console.css"),
    ("POST", "/sign-in"),
)
"""What is asked with each of the headers, besides a list and something to store of each service."""
PART_OF_A_FORM = b'--b\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n+2AA-\r\n--b--\r\n'


def _archive(**parts: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


def files(upn: str) -> dict[str, bytes]:
    """Return files of marks of a pupil as no school's system writes them, by what they are."""
    laughs = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10))
    table, book = a_csv(f"{upn},10/09/2026,AM,O"), a_workbook([["UPN", "Date", "Session", "Mark"], [upn, (46275,), "AM", "O"]])
    transfer = a_ctf(("881", "4777", "2026-09-14", "/,\\,O,C1"), upn=upn)
    return {
        "entities that multiply": f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><CTfile>&l9;</CTfile>'.encode(),
        "an entity from a file": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><CTfile>&f;</CTfile>',
        "an archive of a gigabyte of zeros": _archive(**{"xl/workbook.xml": b"0" * 1_000_000_000, "[Content_Types].xml": b"<Types/>"}),
        "an archive of nothing": _archive(nothing=b""),
        "half a workbook": book[: len(book) // 2],
        "a workbook with its end changed": book[:-30] + b"\x00" * 30,
        "half a transfer file": transfer[: len(transfer) // 2],
        "a transfer file in UTF-16 that says UTF-8": transfer.decode().encode("utf-16"),
        "a table with NULs": table + b"\x00" * 1000 + table.replace(b"AM", b"A\x00M"),
        "a table of one line of ten megabytes": b"UPN,Date,Session,Mark\r\n" + b"x" * 10_000_000,
        "a table of 5,000 columns": b",".join(b"c%d" % number for number in range(5000)) + b"\r\n" + b"," * 5000,
        "a table of 60,000 lines of nobody": a_csv(*(f"{upn[:-3]}{number:03d},10/09/2026,AM,O" for number in range(1000))) * 60,
        "a table of formulas": a_csv('=cmd|" /C calc"!A0,10/09/2026,AM,O', f"{upn},=NOW(),AM,O", "@SUM(1),10/09/2026,AM,/"),
        "a table with a quote that never ends": table + b'"' + b"x" * 100_000,
        "JSON 200,000 deep": b'{"students":' + b"[" * 200_000,
        "JSON of other types": b'{"students":7,"sessions":{"data":[null,1,"x",{"id":{}}]}}',
        "nothing": b"",
        "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
        "an old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 5000,
        "a page": b"<!DOCTYPE html><html><body><table><tr><td>UPN</td></tr></table></body></html>",
        "what unpacks to ten megabytes": gzip.compress(b"x" * 10_000_000),
    }
