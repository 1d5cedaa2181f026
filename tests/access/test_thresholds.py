"""Thresholds: every route by every caller on every object."""

from datetime import date

import pytest

from services.thresholds.app import SERVICE
from shared.contracts.registers import RollChanged, RollSpell
from shared.ids import new_id
from tests.access.dead_letters import DEAD_LETTERS, add_dead_letters
from tests.access.matrix import AREAS, ELSEWHERE, NEIGHBOUR, OWN, Naming, Objects, Row, everywhere, try_everything, try_naming
from tests.support import deliver, service_fixtures

database, tx, api = service_fixtures(SERVICE)

UPNS = {OWN: "L881200024001", NEIGHBOUR: "A881200024002", ELSEWHERE: "B881200024003"}
ABSENT = "C881200024004"
ROWS = {
    "GET /v1/pupils/{upn}/threshold": Row(),
    "GET /v1/pupils/{upn}/threshold/explanation": Row(),
    "GET /v1/pupils/{upn}/judged": Row(query="?from=2026-09-01&to=2026-09-30"),
    "GET /v1/thresholds": Row(),
    "POST /v1/thresholds/recomputations": Row({}),
    **DEAD_LETTERS,
}


@pytest.fixture
async def objects(database) -> Objects:
    """A pupil on the roll of each school."""
    await deliver(database, SERVICE, *(enrolled(urn, upn) for urn, upn in UPNS.items()))
    return Objects({"pupils": everywhere(UPNS, absent=ABSENT), "dead-letters": await add_dead_letters(database)})


def enrolled(urn: int, upn: str) -> RollChanged:
    spell = RollSpell(urn=urn, la_code=AREAS[urn], admitted_on=date(2025, 9, 1), left_on=None)
    return RollChanged(
        pupil_id=new_id(), upn=upn, compulsory_from=date(2019, 1, 1), compulsory_to=date(2031, 6, 27), rolls=(spell,), revision=1, former_upns=()
    )  # fmt: skip


async def test_every_route_of_thresholds_refuses_whoever_does_not_reach_an_object(api, objects, capsys):
    tried = await try_everything(api, SERVICE, ROWS, objects)

    tried.report(SERVICE.name, capsys)
    assert not tried.wrong, "\n".join(tried.wrong)


async def test_a_name_in_a_query_or_a_body_shows_nothing_to_be_there_in_thresholds(api, objects, capsys):
    urns = (ELSEWHERE, 100499)
    namings = [
        Naming("GET", "/v1/thresholds?urn={}", urns),
        Naming("GET", "/v1/thresholds?la={}", ("882", "999")),
        Naming("POST", "/v1/thresholds/recomputations", urns, {"urn": "{}"}),
        Naming("POST", "/v1/thresholds/recomputations", ("882", "999"), {"la": "{}"}),
    ]

    tried = await try_naming(api, SERVICE, namings)

    tried.report("thresholds, named in queries and bodies", capsys)
    assert not tried.wrong, "\n".join(tried.wrong)
