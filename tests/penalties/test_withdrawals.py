"""Withdrawals: on the four grounds, with everything that was paid owed back."""

from collections.abc import Callable
from uuid import UUID

import pytest

from shared.contracts.penalties import CaseClosed, NoticeWithdrawn
from shared.database import Database
from shared.ids import new_id
from tests.penalties.paying import Provider, a_case, a_charge, a_notice, begin, message, notice_row, pay, send, work
from tests.support import ApiClient, outbox

Today = Callable[[str], None]
MATERIAL = {"ground": "material-error", "reason": "The offence period is wrong."}


def path(notice_id: UUID) -> str:
    return f"/v1/penalty-notices/{notice_id}/withdrawal"


async def withdrawals(database: Database) -> list[NoticeWithdrawn]:
    async with database.begin() as tx:
        return [event for event in await outbox(tx) if isinstance(event, NoticeWithdrawn)]


@pytest.mark.parametrize(("ground", "restores"), [("material-error", True), ("outside-code", False), ("wrong-person", False)])
@pytest.mark.parametrize("status", ["issued", "served", "overdue"])
async def test_only_a_material_error_allows_a_new_notice(
    api: ApiClient, database: Database, provider: Provider, ground: str, restores: bool, status: str
) -> None:
    notice_id = await a_notice(database, status=status)

    answer = await api.as_("aco", name="A. Officer").post(path(notice_id), {"ground": ground, "reason": "It should not stand."})

    assert (answer.status_code, answer.json()["status"], answer.json()["refund_due_pence"]) == (200, "withdrawn", 0)
    [event] = await withdrawals(database)
    assert (event.notice_id, event.ground, event.restores, str(event.withdrawn_on)) == (notice_id, ground, restores, "2026-12-08")
    notice = await notice_row(database, notice_id)
    assert (notice.withdrawn_by, notice.withdrawn_by_role, notice.withdrawal_reason) == ("A. Officer", "aco", "It should not stand.")
    assert notice.findings[-1]["provision"] == "restoring_grounds"


async def test_money_paid_for_a_withdrawn_notice_is_owed_back_in_full(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)
    await pay(api, database, provider, notice_id, "2026-12-08T12:00:00.000Z")

    answer = await api.as_("manager").post(path(notice_id), MATERIAL)

    assert answer.json()["refund_due_pence"] == 8000
    items = (await api.as_("manager").get("/v1/suspense")).json()["items"]
    assert [(i["kind"], i["amount_pence"], i["notice_id"]) for i in items] == [("withdrawn", 8000, str(notice_id))]


async def test_money_that_arrives_after_the_withdrawal_is_owed_back(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id, provider.cancels = await a_notice(database), False
    number = await begin(api, notice_id)
    await api.as_("manager").post(path(notice_id), MATERIAL)
    provider.becomes(number, "success")
    await send(api, message(number, "2026-12-08T12:00:00.000Z"))
    await work(database)

    notice = await notice_row(database, notice_id)
    assert (notice.status, notice.paid_pence) == ("withdrawn", 8000)
    items = (await api.as_("manager").get("/v1/suspense")).json()["items"]
    assert [(i["kind"], i["amount_pence"]) for i in items] == [("withdrawn", 8000)]


async def test_a_payment_that_is_open_is_cancelled(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)
    number = await begin(api, notice_id)
    await api.as_("manager").post(path(notice_id), MATERIAL)

    await work(database)

    assert provider.payments[number]["state"]["status"] == "cancelled"


async def test_no_proceedings_is_a_ground_only_after_the_period_for_paying(
    api: ApiClient, database: Database, provider: Provider, today: Today
) -> None:
    none = {"ground": "no-proceedings", "reason": "Not in the public interest."}
    notice_id = await a_notice(database)
    assert (await api.as_("manager").post(path(notice_id), none)).status_code == 409

    today("2026-12-16")
    await work(database)

    assert (await api.as_("manager").post(path(notice_id), none)).status_code == 200
    assert [event.restores for event in await withdrawals(database)] == [False]


async def test_no_proceedings_is_no_ground_once_proceedings_have_begun(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database, status="overdue")
    await a_charge(database, notice_id)

    answer = await api.as_("manager").post(path(notice_id), {"ground": "no-proceedings", "reason": "Not in the public interest."})

    assert answer.status_code == 409


async def test_a_notice_is_withdrawn_once(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)
    await api.as_("manager").post(path(notice_id), MATERIAL)

    answer = await api.as_("manager").post(path(notice_id), MATERIAL)

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/notice-already-withdrawn")
    assert len(await withdrawals(database)) == 1


async def test_a_case_closes_when_the_last_notice_is_withdrawn(api: ApiClient, database: Database, provider: Provider) -> None:
    case = await a_case(database)
    mother, father = await a_notice(database, case, 0), await a_notice(database, case, 1)
    await pay(api, database, provider, mother, "2026-12-08T12:00:00.000Z")
    await api.as_("manager").post(path(father), {"ground": "wrong-person", "reason": "He has no care of the child."})

    async with database.begin() as tx:
        assert [event.outcome for event in await outbox(tx) if isinstance(event, CaseClosed)] == ["paid"]


@pytest.mark.parametrize(
    "body", [{}, {"ground": "material-error"}, {"ground": "other", "reason": "Because."}, {**MATERIAL, "reason": "  "}]
)
async def test_a_withdrawal_needs_a_ground_and_a_reason(
    api: ApiClient, database: Database, provider: Provider, body: dict[str, str]
) -> None:
    assert (await api.as_("manager").post(path(await a_notice(database)), body)).status_code == 422


async def test_a_single_word_is_reason_enough_for_a_withdrawal(api: ApiClient, database: Database, provider: Provider) -> None:
    answer = await api.as_("manager").post(path(await a_notice(database)), {**MATERIAL, "reason": "No"})

    assert answer.status_code == 200


async def test_a_notice_is_withdrawn_only_by_those_who_may(api: ApiClient, database: Database, provider: Provider) -> None:
    notice_id = await a_notice(database)

    for role in ("school", "mis", "accredited", "acsa", "business-support", "operations", "service"):
        assert (await api.as_(role, schools=[100401]).post(path(notice_id), MATERIAL)).status_code == 403
    assert (await api.as_("manager", la_code="935").post(path(notice_id), MATERIAL)).status_code == 403
    assert (await api.as_("manager").post(path(new_id()), MATERIAL)).status_code == 404
