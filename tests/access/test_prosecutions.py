"""Prosecutions: every route by every caller on every object."""

import pytest
from sqlalchemy import text

from services.prosecutions.app import SERVICE
from shared.settings import settings
from tests.access.dead_letters import DEAD_LETTERS, add_dead_letters
from tests.access.matrix import AREAS, Naming, Objects, Row, everywhere, try_everything, try_naming
from tests.prosecutions.examples import an_overdue_notice
from tests.support import deliver, service_fixtures

database, tx, api = service_fixtures(SERVICE)

REASON = "Looked at with the legal team."
ROWS = {
    "GET /v1/files": Row(),
    "GET /v1/files/{file_id}": Row(),
    "GET /v1/files/{file_id}/bundle.pdf": Row(found=503),  # nobody is there who could give the names
    "POST /v1/files/{file_id}/gates/{gate}": Row({"answer": "yes", "reason": REASON}),
    "POST /v1/files/{file_id}/charge": Row({"charged_on": "2026-12-16"}),
    "POST /v1/files/{file_id}/outcome": Row({"outcome": "guilty-plea", "concluded_on": "2026-12-16"}),
    "POST /v1/files/{file_id}/withdrawal": Row({"ground": "evidence", "reason": REASON}),
    "POST /v1/files/{file_id}/clearances": Row({"reason": REASON}),
    "POST /v1/time-limits": Row({"sessions": [{"date": "2026-09-14", "session": "AM"}]}),
    **DEAD_LETTERS,
}


@pytest.fixture(autouse=True)
def _on_a_day(monkeypatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-12-16")
    monkeypatch.setenv("ATTENDANCE_URL_REGISTERS", "http://127.0.0.1:9")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def objects(database) -> Objects:
    """A file of each school."""
    await deliver(database, SERVICE, *(an_overdue_notice(urn=urn, la_code=la_code) for urn, la_code in AREAS.items()))
    async with database.begin() as tx:
        files = {row.urn: str(row.id) for row in await tx.execute(text("SELECT urn, id FROM files"))}
    return Objects({"files": everywhere(files), "dead-letters": await add_dead_letters(database)}, {"gate": "liability"})


async def test_every_route_of_prosecutions_refuses_whoever_does_not_reach_an_object(api, objects, capsys):
    tried = await try_everything(api, SERVICE, ROWS, objects)

    tried.report(SERVICE.name, capsys)
    assert not tried.wrong, "\n".join(tried.wrong)


async def test_a_name_in_a_query_shows_nothing_to_be_there_in_prosecutions(api, database, objects, capsys):
    async with database.begin() as tx:
        notice = str((await tx.execute(text("SELECT notice_id FROM files WHERE la_code = '882'"))).scalar_one())

    tried = await try_naming(api, SERVICE, [Naming("GET", "/v1/files?notice_id={}", (notice, objects.ids["files"]["absent"]))])

    tried.report("prosecutions, named in queries", capsys)
    assert not tried.wrong, "\n".join(tried.wrong)
