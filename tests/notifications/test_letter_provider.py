"""The letter stand-in speaks GOV.UK Notify's wire format and forgets nothing."""

import base64
from pathlib import Path

import httpx2
import pytest

from attendance.standins import notify
from services.notifications.clients.govuk_notify import Notify, RefusedByProvider
from shared.problems import Unavailable
from shared.settings import settings
from tests.notifications.examples import KEY
from tests.notifications.upstreams import PostOffice
from tests.support.servers import served

PDF = b"%PDF-1.7 a letter"


async def test_a_letter_is_posted_at_once_on_the_day_of_the_clock(post_office: PostOffice):
    provider_id = await Notify().post("letter-1", PDF)

    found = await Notify().read(provider_id)

    assert (found.status, str(found.completed_at)) == ("received", "2026-09-21 11:00:00+00:00")
    assert [each.id for each in await Notify().find("letter-1")] == [provider_id]
    assert await Notify().find("letter-2") == []


async def test_a_letter_with_another_key_is_refused(post_office: PostOffice, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ATTENDANCE_NOTIFY_API_KEY", KEY.replace("2222", "3333"))
    settings.cache_clear()

    with pytest.raises(Unavailable):
        await Notify().post("letter-1", PDF)


async def test_a_file_that_is_no_pdf_is_refused(post_office: PostOffice):
    with pytest.raises(RefusedByProvider):
        await Notify().post("letter-1", b"words")


async def test_a_request_without_a_token_is_refused_and_a_letter_outlives_the_provider_s_process(post_office: PostOffice, tmp_path: Path):
    provider_id = await Notify().post("letter-1", PDF)

    async with served(notify.create(tmp_path / "notify", KEY)) as address, httpx2.AsyncClient(base_url=address) as stranger:
        refused = await stranger.post("/v2/notifications/letter", json={"reference": "x", "content": base64.b64encode(PDF).decode()})

    assert refused.status_code == 401
    assert (await Notify().read(provider_id)).status == "received"
