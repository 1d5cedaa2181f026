"""Files that were opened while the date was ahead."""

import pytest

from services.prosecutions.app import SERVICE
from services.prosecutions.use_cases.dates import date_files
from tests.prosecutions.examples import an_overdue_notice
from tests.prosecutions.officers import answer_all, charged_on, only_file
from tests.support import deliver


async def test_a_file_that_was_opened_while_the_date_was_ahead_can_be_charged_when_the_date_is_right(
    database, api, upstreams, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2027-01-25")
    await deliver(database, SERVICE, an_overdue_notice(revision=1))
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-12-16")

    assert await date_files(database) == 1
    assert await date_files(database) == 0

    file = await only_file(api)
    assert file["opened_on"] == "2026-12-16"
    assert file["chronology"][-2]["what"] == (
        "The file is open since this day or before: it was entered with 25 January 2027, while the date was wrong"
    )
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-12-18")
    await answer_all(api, file)
    refused = await charged_on(api, file, "2026-12-17")
    assert "the file was opened on" not in refused.text
