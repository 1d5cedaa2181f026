"""The demo has a school that decides all its cases alike, and the report of fairness marks it."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

import pytest
from pydantic import JsonValue, TypeAdapter
from sqlalchemy import insert

from attendance.demo.practice import decide_alike, decline_and_ask_again
from services.penalties.app import SERVICE
from services.penalties.tables.cases import cases
from services.penalties.tables.projections import pupil_parents, pupils
from shared.ids import new_id
from tests.penalties.chain import URN, Chain, Registers
from tests.support import ApiClient, service_fixtures

T = TypeVar("T")
database, tx, api = service_fixtures(SERVICE)


class OnlyPenalties:
    """The product as the demo calls it, of which penalties alone is there."""

    def __init__(self, api: ApiClient) -> None:
        self.api = api

    async def get(self, service: str, path: str, model: type[T]) -> T:
        return TypeAdapter(model).validate_json(await self.request("GET", service, path))

    async def request(
        self,
        method: str,
        service: str,
        path: str,
        body: Mapping[str, JsonValue] | None = None,
        *,
        role: str = "manager",
        schools: Iterable[int] = (),
        name: str | None = None,
    ) -> bytes:
        assert service == "penalties"
        client = self.api.as_(role, schools=[*schools], name=name)
        response = await (client.get(path) if method == "GET" else client.post(path, body))
        assert response.status_code < 300, response.text
        content: bytes = response.content
        return content


@pytest.fixture
def product(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> Iterable[Any]:
    registers = Registers()
    for name in ("REGISTERS", "THRESHOLDS"):
        monkeypatch.setenv(f"ATTENDANCE_URL_{name}", registers.url)
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-09-21")
    yield OnlyPenalties(api)
    registers.stop()


async def _ten_cases(database, api) -> None:
    chain = Chain(database, api)
    await chain.opened(findings=())
    async with database.begin() as tx:
        case = dict((await tx.execute(cases.select())).mappings().one())
        parent = dict((await tx.execute(pupil_parents.select().limit(1))).mappings().one())
        for _ in range(9):
            pupil = new_id()
            await tx.execute(
                insert(cases).values({**case, "id": new_id(), "run_id": new_id(), "pupil_id": pupil, "opened_on": date(2026, 9, 21)})
            )
            await tx.execute(insert(pupils).values(id=pupil))
            await tx.execute(insert(pupil_parents).values({**parent, "pupil_id": pupil, "parent_id": new_id()}))


async def _school(api: ApiClient) -> Any:
    (school,) = (await api.as_("manager").get("/v1/reports/fairness?from=2026-09-01&to=2026-09-30")).json()["schools"]
    return school


async def test_the_demos_school_that_decides_alike_is_marked_with_its_reason(database, api, product):
    await _ten_cases(database, api)

    for _ in range(2):  # a demo that was interrupted goes on where it was
        await decide_alike(product, URN)

    school = await _school(api)
    assert [(mark["kind"], mark["extent"], mark["cases"]) for mark in school["marks"]] == [
        ("penalty-notice", "nearly-all", 10),
        ("notice-to-improve", "nearly-none", 0),
    ]
    assert (school["figures"]["decisions"], school["most_reused"]) == (10, 10)


async def test_the_demo_has_one_request_that_is_declined_and_sent_again(database, api, product):
    await _ten_cases(database, api)
    await decide_alike(product, URN)

    for _ in range(2):
        await decline_and_ask_again(product, URN)

    figures = (await _school(api))["figures"]
    assert (figures["agreed"], figures["declined"], figures["resubmitted"], figures["decisions"]) == (0, 1, 1, 11)
