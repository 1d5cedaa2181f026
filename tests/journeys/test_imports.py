"""A large import while the product, or its database too, is killed at random: complete at the end, nothing lost, nothing doubled.

`ATTENDANCE_IMPORT_MARKS` is how many marks (50,000 by default), `ATTENDANCE_IMPORT_KILLS` how many kills, `ATTENDANCE_IMPORT_SEED` the chance.
"""

import csv
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from typing import cast

import psycopg

from services.registers.pupils.domain.upn import check_letter
from shared.contracts.registers import SessionRecorded, SessionRecordedV2
from shared.messaging.contracts import contracts
from tests.journeys.product import eventually

MARKS = int(os.environ.get("ATTENDANCE_IMPORT_MARKS", "50000"))
KILLS = int(os.environ.get("ATTENDANCE_IMPORT_KILLS", "10"))
SEED = int(os.environ.get("ATTENDANCE_IMPORT_SEED", str(random.randrange(10**6))))
PUPILS = 132
DAYS = [day for day in (date(2025, 9, 1) + timedelta(number) for number in range(266)) if day.weekday() < 5]
CODES = ("/", "/", "/", "/", "/", "/", "/", "/", "/", "/", "/", "/", "I", "L", "M", "B", "C", "O", "N", "G")

_MARKS = """
    SELECT marks.urn, pupils.upn, marks.date, marks.session, marks.code, marks.version FROM marks JOIN pupils ON pupils.id = marks.pupil_id
"""
_PUBLISHED = """
    SELECT type, body FROM outbox WHERE type LIKE '%session-recorded%'
"""


def upn(number):
    body = f"881{4000 + number // 1000}20{number % 1000:03d}"
    return check_letter(body) + body


def an_authority(product):
    """Send schools and pupils enough for the marks; return the pupils of each school."""
    schools = -(-MARKS // (PUPILS * len(DAYS) * 2))
    rolls = {}
    for number in range(schools):
        urn = 100201 + number
        body = {"name": f"School {number}", "la_code": "881", "establishment_number": f"{4000 + number}", "phase": "primary"}
        product.ask("PUT", "registers", f"/v1/schools/{urn}", body)
        rolls[urn] = [upn(number * PUPILS + serial) for serial in range(PUPILS)]
    body = {"forename": "Test", "surname": "Pupil", "date_of_birth": "2015-03-03", "admitted_on": "2024-09-01"}

    def send(one):
        urn, pupil = one
        product.ask("PUT", "registers", f"/v1/schools/{urn}/pupils/{pupil}", body)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(send, [(urn, pupil) for urn, roll in rolls.items() for pupil in roll]))
    return rolls


def a_file(path, rolls, chance):
    """Write the marks pupil by pupil, so that every register's lie far apart; return what must be stored, and how many lines must be refused."""
    expected: dict[tuple[int, str, date, str], str] = {}
    refused = 0
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["URN", "UPN", "Date", "Session", "Mark"])
        for urn, roll in rolls.items():
            for pupil in roll:
                for day in DAYS:
                    for half in ("AM", "PM"):
                        if len(expected) == MARKS:
                            continue
                        code = chance.choice(CODES)
                        expected[urn, pupil, day, half] = "\\" if code == "/" and half == "PM" else code
                        writer.writerow([urn, pupil, day.strftime("%d/%m/%Y"), half, code])
                if chance.random() < 0.5:
                    refused += 2
                    writer.writerow([urn, pupil, "31/02/2026", "AM", "/"])
                    writer.writerow([urn, f"X{refused:012d}", "10/09/2025", "AM", "/"])
    return expected, refused


def position(product):
    """Return how far the import has come; None where the database is away."""
    try:
        return product.query("registers", "SELECT position, state FROM imports")[0]
    except (psycopg.OperationalError, FileNotFoundError, IndexError):
        return None


def has_come_to(product, point):
    found = position(product)
    return found is not None and found[0] >= point


def kill(product, chance):
    postmaster = product.postmaster()
    product.processes["up"].kill()
    if both := chance.random() < 0.3:
        os.kill(postmaster, signal.SIGKILL)
    product.revive("up")
    product.ready(["registers"])
    return "both" if both else "product"


def attendance_import(product, path):
    command = [sys.executable, "-m", "attendance", "import", str(path)]
    return subprocess.Popen(command, env=product.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_an_import_killed_at_random_ends_complete_with_no_mark_doubled(product):
    chance = random.Random(SEED)
    path = product.folder / "marks.csv"
    expected, refused = a_file(path, an_authority(product), chance)
    points = sorted(chance.sample(range(0, MARKS * 9 // 10, 100), KILLS))
    killed = []
    began = time.monotonic()

    # The command goes on listening while the product dies under it.
    command = attendance_import(product, path)
    eventually("the import has begun", lambda: position(product))
    for point in points:
        if point < MARKS // 50:
            time.sleep(chance.random())  # while the file is still being read
        eventually(f"the import has come to {point}\n{product.logs()}", partial(has_come_to, product, point), 600)
        killed.append((position(product), kill(product, chance)))
    output, _ = command.communicate(timeout=900)
    seconds = time.monotonic() - began

    assert command.returncode == 0, output
    assert position(product) == (len(expected) + refused, "done"), output
    assert len(killed) == KILLS
    assert sum(state == "running" for (_, state), _ in killed) >= KILLS - 1, killed
    stored = product.query("registers", _MARKS)
    assert {(urn, pupil, day, half): code for urn, pupil, day, half, code, _ in stored} == expected
    assert len(stored) == len(expected)
    assert {version for *_, version in stored} == {1}
    assert product.query("registers", "SELECT count(*) FROM mark_versions") == [(0,)]
    bodies = product.query("registers", _PUBLISHED)
    events = cast("list[SessionRecorded | SessionRecordedV2]", [contracts()[kind].model_validate_json(body) for kind, body in bodies])
    published = Counter((event.date, event.session, mark.pupil_id) for event in events for mark in event.marks)
    assert (len(published), max(published.values())) == (len(expected), 1)
    assert product.query("registers", "SELECT count(*), count(*) FILTER (WHERE quarantined) FROM import_refusals") == [
        (refused, refused // 2)
    ]
    assert product.query("registers", "SELECT count(*) FROM quarantine") == [(refused // 2,)]
    assert re.search(rf"done: .*{len(expected):,} recorded", output), output
    positions = [killed_at for (killed_at, _), _ in killed]
    who = dict(Counter(victim for _, victim in killed))
    summary = f"seed {SEED}: {len(expected):,} marks, {refused} lines refused, killed at {positions} ({who}), {seconds:.0f} s"

    again = attendance_import(product, path)
    began = time.monotonic()
    output, _ = again.communicate(timeout=900)
    print(f"\n{summary}; the same file again, undisturbed: {time.monotonic() - began:.1f} s")  # noqa: T201 -- what the nightly run reports
    assert f"{len(expected):,} unchanged" in output, output
    assert product.query("registers", _MARKS + " WHERE marks.version > 1") == []
    assert product.query("registers", "SELECT count(*) FROM quarantine") == [(refused // 2,)]
    assert product.stop() == {"up": 0}
