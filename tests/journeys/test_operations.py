"""What operations do with the embedded default: tokens, a second start, an event that cannot be handled, the doctor, a clean stop."""

import stat
import subprocess
import sys
from uuid import uuid4

import psycopg
import pytest

from tests.journeys.journey import PUPIL, UPN, URN, Journey
from tests.journeys.product import Embedded, eventually

ANOTHER = "C881400020778"
"""Another pupil's UPN."""


@pytest.fixture(scope="module")
def one_product():
    made = Embedded()
    del made.environment["ATTENDANCE_TOKEN_KEY"]  # so that the installation makes its own
    made.today("2026-09-21")
    yield made
    made.remove()


@pytest.fixture
def product(one_product):
    """Give the product running, whatever test stood before."""
    if not one_product.running:
        one_product.start()
    return one_product


def attendance(product: Embedded, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "attendance", *arguments], env=product.environment, capture_output=True, text=True, check=False
    )


def test_the_token_key_is_made_once_and_is_nobody_elses(product):
    key = product.folder / "data" / "token.key"

    printed = [attendance(product, "token", "--role", "manager").stdout for _ in range(2)]

    assert all(len(token.split()) == 1 for token in printed)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_token_of_a_school_needs_its_school(product):
    refused = attendance(product, "token", "--role", "mis")

    assert refused.returncode == 2
    assert "--school" in refused.stderr


def test_a_second_start_in_the_same_folder_is_refused(product):
    second = attendance(product, "up", "--no-demo")

    assert second.returncode == 1
    assert "already runs" in second.stderr


def test_an_event_that_cannot_be_handled_halts_only_its_own_key_until_an_operator_acts(product):
    journey = Journey(product)
    journey.open_school()
    eventually("the pupil is stored", lambda: product.query("thresholds", f"SELECT id FROM pupils WHERE upn = '{UPN}'"))
    pupil = str(product.query("registers", f"SELECT id FROM pupils WHERE upn = '{UPN}'")[0][0])
    with psycopg.connect(product.database("registers")) as connection:
        broken = (uuid4(), "registers", pupil, "roll-changed.v1", b'{"pupil_id": "nonsense"}', "{}")
        connection.execute("INSERT INTO outbox (event_id, topic, key, type, body, headers) VALUES (%s, %s, %s, %s, %s, %s)", broken)
    dead = eventually("a dead letter", lambda: product.ask("GET", "thresholds", "/v1/dead-letters", role="operations")["items"])

    product.ask("PUT", "registers", f"/v1/schools/{URN}/pupils/{UPN}", {**PUPIL, "admitted_on": "2024-09-02"}, role="mis", school=URN)
    product.ask("PUT", "registers", f"/v1/schools/{URN}/pupils/{ANOTHER}", {**PUPIL, "parents": []}, role="mis", school=URN)
    eventually("another pupil's event is handled", lambda: product.query("thresholds", f"SELECT id FROM pupils WHERE upn = '{ANOTHER}'"))
    waiting = eventually(
        "the next event waits", lambda: product.ask("GET", "thresholds", "/v1/dead-letters", role="operations")["items"][1:]
    )
    again = attendance(product, "replay", "--by", "Op Erator", "--service", "thresholds")
    dismissal = {"reason": "Written by hand, there is nothing in it."}
    went_on = product.ask("POST", "thresholds", f"/v1/dead-letters/{dead[0]['id']}/dismissal", dismissal, role="operations")

    assert (dead[0]["type"], waiting[0]["error"]) == ("roll-changed.v1", None)
    assert again.returncode == 1
    assert "failed again" in again.stdout
    assert went_on == {"replayed": 1}
    assert product.ask("GET", "thresholds", "/v1/dead-letters", role="operations")["items"] == []


def test_the_doctor_passes_a_healthy_product_and_finds_a_wrong_threshold(product):
    for service in ("penalties", "prosecutions", "notifications", "registers"):
        for letter in product.ask("GET", service, "/v1/dead-letters", role="operations")["items"]:
            if letter["error"]:
                product.ask(
                    "POST", service, f"/v1/dead-letters/{letter['id']}/dismissal", {"reason": "Written by hand."}, role="operations"
                )

    journey = Journey(product)
    journey.open_school()
    journey.absence()
    eventually("the threshold is met", lambda: journey.threshold()["status"] == "met")
    well = attendance(product, "doctor")
    with psycopg.connect(product.database("thresholds")) as connection:
        connection.execute("UPDATE pupils SET status = 'approaching' WHERE status = 'met'")
    ill = attendance(product, "doctor")

    assert (well.returncode, well.stdout.splitlines()[-1]) == (0, "all is well")
    assert ill.returncode == 1
    assert "pupils differ" in ill.stdout


def test_the_product_stops_cleanly_on_sigterm(product):
    assert product.stop() == {"up": 0}
    assert not (product.folder / "data" / "postgres" / "postmaster.pid").exists()
