"""Whoever waits for a school that other work has locked is answered after a while, and may come again."""

import httpx2
import pytest
from sqlalchemy import text

from services.registers.app import SERVICE
from shared.database import Database, Limits
from shared.http.app import create_app
from tests.registers.given import A, B, a_body, a_pupil, a_school, the_marks, upn
from tests.support.services import ApiClient

LIMITS = {
    "locked-by-others": Limits(statement=60, lock=0.05, idle=60),
    "took-too-long": Limits(statement=0.05, lock=60, idle=60),
}
MARK = {"marks": [{"upn": upn(1), "code": "/"}]}
REQUESTS = {
    "a register": ("PUT", f"/v1/schools/{A}/registers/2026-09-10/AM", MARK),
    "a roll": ("PUT", f"/v1/schools/{A}/pupils/{upn(2)}", a_body()),
    "a calendar": ("PUT", f"/v1/schools/{A}/calendars/2026-27", {"terms": [{"start": "2026-09-02", "end": "2026-10-23"}]}),
}


@pytest.mark.parametrize("problem", LIMITS)
@pytest.mark.parametrize("sent", REQUESTS)
async def test_a_request_for_a_locked_school_is_asked_to_come_again(api, database, sent, problem):
    await a_school(api)
    await a_school(api, B)
    await a_pupil(api)
    await a_pupil(api, urn=B)
    impatient = Database(database.engine.url.render_as_string(hide_password=False), limits=LIMITS[problem])
    method, path, body = REQUESTS[sent]

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(create_app(SERVICE, impatient)), base_url="http://service") as http:
        mis = ApiClient(http).as_("mis", schools=[A, B])
        async with database.begin() as tx:
            await tx.execute(text("SELECT FROM schools WHERE urn = :urn FOR NO KEY UPDATE"), {"urn": A})
            refused = await mis.request(method, path, body)
            elsewhere = await mis.request("PUT", f"/v1/schools/{B}/registers/2026-09-10/AM", MARK)
        accepted = await mis.request(method, path, body)
    await impatient.dispose()

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == f"/problems/{problem}"
    assert "send it again" in refused.json()["detail"]
    assert elsewhere.status_code == 200
    assert accepted.status_code in {200, 201}
    assert len(await the_marks(api)) == 1 + (sent == "a register")
