"""Notifications: every route by every caller on every object."""

import pytest
from sqlalchemy import text

from services.notifications.app import SERVICE
from tests.access.dead_letters import DEAD_LETTERS, add_dead_letters
from tests.access.matrix import AREAS, ELSEWHERE, OWN, Naming, Objects, Row, everywhere, try_everything, try_naming
from tests.notifications.examples import a_notice_issued
from tests.support import deliver, service_fixtures

database, tx, api = service_fixtures(SERVICE)

ROWS = {
    "GET /v1/letters": Row(),
    "GET /v1/letters/{letter_id}": Row(),
    "GET /v1/letters/{letter_id}.pdf": Row(),
    "POST /v1/letters/{letter_id}/date-decision": Row({"corrects": False, "reason": "Said on the telephone."}, found=409),
    "POST /v1/letters/{letter_id}/retries": Row({"reason": "The address was put right."}),
    "GET /v1/school-messages": Row(query=f"?urn={OWN}"),
    "POST /v1/webhooks/govuk-notify/returned-letter": Row(),
    **DEAD_LETTERS,
}


@pytest.fixture
async def objects(database) -> Objects:
    """A letter of each school, made."""
    await deliver(database, SERVICE, *(a_notice_issued(urn=urn, la_code=la_code) for urn, la_code in AREAS.items()))
    async with database.begin() as tx:
        await tx.execute(text("UPDATE letters SET pdf = 'a letter'"))
        letters = {row.urn: str(row.id) for row in await tx.execute(text("SELECT urn, id FROM letters"))}
    return Objects({"letters": everywhere(letters), "dead-letters": await add_dead_letters(database)})


async def test_every_route_of_notifications_refuses_whoever_does_not_reach_an_object(api, objects, capsys):
    tried = await try_everything(api, SERVICE, ROWS, objects)

    tried.report(SERVICE.name, capsys)
    assert not tried.wrong, "\n".join(tried.wrong)


async def test_a_name_in_a_query_shows_nothing_to_be_there_in_notifications(api, database, objects, capsys):
    async with database.begin() as tx:
        about = str((await tx.execute(text("SELECT about FROM letters WHERE la_code = '882'"))).scalar_one())
    namings = [
        *(Naming("GET", f"/v1/{name}?urn={{}}", (ELSEWHERE, 100499)) for name in ("letters", "school-messages")),
        Naming("GET", "/v1/letters?about={}", (about, objects.ids["letters"]["absent"])),
    ]

    tried = await try_naming(api, SERVICE, namings)

    tried.report("notifications, named in queries", capsys)
    assert not tried.wrong, "\n".join(tried.wrong)
