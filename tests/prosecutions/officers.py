"""What officers do with files, and the events that are published."""

from typing import Any

from shared.contracts.event import Event
from shared.database import Database
from tests.support import ApiClient, outbox


async def published(database: Database) -> list[Event]:
    async with database.begin() as tx:
        return await outbox(tx)


async def only_file(api: ApiClient) -> dict[str, Any]:
    (found,) = (await api.as_("aco").get("/v1/files")).json()["items"]
    file: dict[str, Any] = (await api.as_("aco").get(f"/v1/files/{found['id']}")).json()
    return file


async def answer_all(api: ApiClient, file: dict[str, Any]) -> None:
    for gate in file["gates"]:
        answer = {"answer": gate["opens"], "reason": "Looked at with the legal team."}
        assert (await api.as_("aco", name="Ann Officer").post(f"/v1/files/{file['id']}/gates/{gate['id']}", answer)).status_code == 201


async def charged_on(api: ApiClient, file: dict[str, Any], day: str) -> Any:
    return await api.as_("aco", name="Ann Officer").post(f"/v1/files/{file['id']}/charge", {"charged_on": day})
