"""The file of a notice that was overdue by a date that was wrong, in whatever order its events arrive."""

import pytest

from services.prosecutions.app import SERVICE
from shared.contracts.penalties import NoticeChanged, PaymentOverdue
from tests.prosecutions.examples import a_payment, an_overdue_notice
from tests.prosecutions.officers import only_file
from tests.support import deliver


def not_overdue(of: PaymentOverdue, revision: int) -> NoticeChanged:
    return NoticeChanged.of(of, status="served", held=False, due_pence=16000, why="date", revision=revision)


@pytest.mark.parametrize("first", ["file", "change"])
async def test_a_notice_that_was_overdue_too_early_holds_its_file_until_it_falls_due_again(database, api, first):
    overdue = an_overdue_notice(revision=1)

    for each in (overdue, not_overdue(overdue, 2)) if first == "file" else (not_overdue(overdue, 2), overdue):
        await deliver(database, SERVICE, each)

    file = await only_file(api)
    officer = api.as_("aco", name="Ann Officer")
    assert (file["held"], file["status"]) == (True, "draft")
    assert [each["cause"] for each in file["holds"]] == ["The notice is not overdue: it may be paid until 2026-12-15"]
    assert (await officer.post(f"/v1/files/{file['id']}/clearances", {"reason": "No matter."})).status_code == 409

    await deliver(database, SERVICE, overdue.model_copy(update={"revision": 3}), not_overdue(overdue, 2))

    assert (await officer.post(f"/v1/files/{file['id']}/clearances", {"reason": "The time is over."})).status_code == 201
    assert not (await only_file(api))["held"]
    await deliver(database, SERVICE, not_overdue(overdue, 4))
    assert (await only_file(api))["held"]  # the date was wrong once more


async def test_a_payment_after_a_notice_was_overdue_too_early_stops_its_file(database, api):
    overdue = an_overdue_notice(revision=1)

    await deliver(database, SERVICE, overdue, not_overdue(overdue, 2), a_payment(overdue, revision=3))

    assert (await only_file(api))["status"] == "stopped"
