"""`python -m tests.hostile`: whatever is sent, by however many at once, nothing fails that nothing explains, and the product stays healthy.

Starts the product in a folder of its own, takes a case to the court, and sends damaged bodies, queries with NULs, odd paths, headers and forms,
hostile files, connections that say nothing, and requests made from the descriptions of the services while two hundred clients ask at once.
Prints how many requests were answered how. Ends with 1 where an answer has no explanation (a 5xx other than a 503 that says when to ask
again, a refusal that is no problem, no answer at all), or where the product is not healthy afterwards.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time

import httpx2
from rich.console import Console

from shared.settings import SERVICES
from tests.hostile.parts import Attacker
from tests.hostile.tally import Tally
from tests.journeys.world import World

KEY = "hostile-only-key-hostile-only-key-hostile-only-key"


def main() -> int:
    """Attack, print, and return the exit code."""
    options = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    options.add_argument("--requests", type=int, default=10_000, help="made from the descriptions (default 10,000)")
    options.add_argument("--clients", type=int, default=200, help="that ask at once, meanwhile (default 200)")
    options.add_argument("--silent", type=int, default=1000, help="connections that say nothing, to each service (default 1,000)")
    chosen, show = options.parse_args(), Console(width=120, highlight=False)
    os.environ["ATTENDANCE_TOKEN_KEY"] = KEY
    return asyncio.run(attack(chosen.requests, chosen.clients, chosen.silent, show))


async def attack(requests: int, clients: int, silent: int, show: Console) -> int:
    """Start the product, send everything, and return 1 if anything is unexplained."""
    began = time.monotonic()
    world, tally = await asyncio.to_thread(World), Tally()
    attacker = Attacker(world, tally, clients)
    try:
        show.print(f"{time.monotonic() - began:4.0f} s: the product runs, with a case before the court")
        for part in (attacker.bodies, attacker.queries, attacker.paths, attacker.headers, attacker.console, attacker.files):
            await part()
            show.print(f"{time.monotonic() - began:4.0f} s: {part.__name__} sent")
        await attacker.silence(silent)
        show.print(f"{time.monotonic() - began:4.0f} s: {silent:,} silent connections to each service were closed")
        fuzzing = asyncio.create_task(asyncio.to_thread(attacker.fuzz, requests))
        slowest = await attacker.crowd(fuzzing.done)
        await fuzzing
        show.print(
            f"{time.monotonic() - began:4.0f} s: fuzzed; the slowest answer to one of {clients} clients at once took {slowest:.1f} s"
        )
        await attacker.http.aclose()
        await asyncio.to_thread(examine, world, tally)
    finally:
        attacker.stopping = True
        tally.report(show)  # also of what was sent before somebody ended it
        show.print(f"{len(tally.unexplained)} unexplained")
        await asyncio.to_thread(world.close)
    return 1 if tally.unexplained else 0


def examine(world: World, tally: Tally) -> None:
    """Note what is not healthy: an endpoint, what the doctor finds, a traceback in the log."""
    for service in ("console", *SERVICES):
        began = time.monotonic()
        status = httpx2.get(f"{world.product.address(service)}/health/ready", timeout=10).status_code
        if status != 200 or time.monotonic() - began > 1:
            tally.noticed(f"{service}: health afterwards {status}, after {time.monotonic() - began:.1f} s")
    doctor = [sys.executable, "-m", "attendance", "doctor"]
    found = subprocess.run(doctor, env=world.product.environment, capture_output=True, text=True, check=False)
    if found.returncode:
        tally.noticed(f"the doctor: {found.stdout}{found.stderr}")
    log = (world.product.folder / "up.log").read_text()
    if "Traceback" in log:
        tally.noticed(f"a traceback in the log: {log[log.index('Traceback') - 500 :][:3000]}")


if __name__ == "__main__":
    sys.exit(main())
