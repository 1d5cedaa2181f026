"""Ids that sort by time, and settings from the environment."""

from uuid import UUID

import pytest

from shared.ids import new_id
from shared.settings import SERVICES, Settings


def test_ids_are_of_version_7_and_sort_by_the_time_they_were_made():
    made = [new_id() for _ in range(100)]

    assert {each.version for each in made} == {7}
    assert made == sorted(made)
    assert len(set(made)) == 100
    assert all(isinstance(each, UUID) for each in made)


def test_the_console_has_the_first_port_and_the_services_the_next_five():
    settings = Settings(port=9000)

    assert [settings.service_port(name) for name in ("console", *SERVICES)] == [9000, 9001, 9002, 9003, 9004, 9005]
    assert (settings.pay_base, settings.notify_base) == ("http://127.0.0.1:9006", "http://127.0.0.1:9007")


def test_a_real_provider_replaces_the_stand_in(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ATTENDANCE_PAY_URL", "https://pay.example.org")

    assert Settings().pay_base == "https://pay.example.org"


def test_a_service_has_the_address_that_the_environment_sets(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ATTENDANCE_URL_REGISTERS", "http://registers:8000")

    assert Settings(port=9000).service_url("registers") == "http://registers:8000"
    assert Settings(port=9000).service_url("thresholds") == "http://127.0.0.1:9002"


def test_the_owner_role_migrates_where_there_is_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ATTENDANCE_DATABASE_URL_REGISTERS", "login")
    assert Settings().migration_url("registers") == "login"

    monkeypatch.setenv("ATTENDANCE_MIGRATION_URL_REGISTERS", "owner")
    assert Settings().migration_url("registers") == "owner"
    assert Settings().database_url("registers") == "login"
