"""`python -m tests.chaos --seed 1 --minutes 10`: faults of every kind against the real product, which must lose and double nothing."""

import argparse
import os
import random
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack

from tests.chaos.checks import PLANTED_SETTLE_SECONDS, SETTLE_SECONDS, violations
from tests.chaos.client import TODAY, Client, Violation
from tests.chaos.faults import Faults, at_rest, small_disk
from tests.chaos.planted import PLANTED
from tests.journeys.product import Embedded

CLIENTS = 3


def main() -> int:
    """Run; print what was done and what was violated; return 1 if anything was."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(100_000))
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument(
        "--planted",
        nargs="*",
        choices=[*PLANTED],
        help="plant these bugs, or every one, one after the other, each for so many minutes, and print which are caught",
    )
    chosen = parser.parse_args()
    os.environ.setdefault("ATTENDANCE_TOKEN_KEY", "chaos-only-key-chaos-only-key-chaos-only-key")
    _print(f"seed {chosen.seed}, {chosen.minutes:g} minutes")
    if chosen.planted is not None:
        return score(chosen.seed, chosen.minutes * 60, chosen.planted or [*PLANTED])
    wrong = run(chosen.seed, chosen.minutes * 60)
    _print(f"seed {chosen.seed}: " + ("nothing lost, nothing doubled, nothing stuck" if not wrong else f"{len(wrong)} VIOLATIONS"))
    for each in wrong[:40]:
        _print(f"  {each}")
    return bool(wrong)


def score(seed: int, seconds: float, bugs: list[str]) -> int:
    """Run with each planted bug in its turn; print which of them are caught, and return 1 if any is not."""
    caught = {}
    for bug in bugs:
        _print(f"planted: {PLANTED[bug].__doc__}")
        wrong = run(seed, seconds, bug)
        caught[bug] = bool(wrong)
        _print(f"{'caught' if wrong else 'MISSED'}: {bug}: {' '.join(wrong[0].split())[:300] if wrong else ''}")
    _print(
        f"{sum(caught.values())} of {len(caught)} planted bugs caught"
        + "".join(f"; missed {bug}" for bug, is_caught in caught.items() if not is_caught)
    )
    return not all(caught.values())


def run(seed: int, seconds: float, bug: str | None = None) -> list[str]:
    """Drive a product of its own through faults for so long; return what was violated. `bug`: to plant in it."""
    wrong: list[str] = []
    product = Embedded()
    if bug:
        product.processes["up"].arguments = ["tests.chaos.planted", bug, "up", "--no-demo"]
    stop, answered, began = threading.Event(), threading.Event(), time.monotonic()
    with ExitStack() as after:
        after.callback(product.remove)
        is_small = after.enter_context(small_disk(product.folder / "data"))
        after.callback(product.processes["up"].kill)
        product.today(TODAY)
        product.start()
        faults = Faults(product, seed, answered, small_disk=is_small)
        after.callback(faults.end_second_worker)
        clients = [Client(product, number, seed, stop, answered) for number in range(CLIENTS)]
        threads = [threading.Thread(target=_work, args=(client, wrong), daemon=True) for client in clients]
        for thread in threads:
            thread.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end and not wrong:
            time.sleep(faults.chance.uniform(0.3, 2.5))
            _print(f"{time.monotonic() - began:6.1f} s  {faults.one()}")
            if faults.chance.random() < 0.7:  # otherwise the next fault comes before it has recovered from this one
                at_rest(faults, wrong)
        stop.set()
        faults.end_second_worker()
        if at_rest(faults, wrong):
            for thread in threads:
                thread.join()
            if not wrong:
                wrong += violations(product, clients, PLANTED_SETTLE_SECONDS if bug else SETTLE_SECONDS)
        _print(_summary(faults, clients, time.monotonic() - began, is_small))
    return wrong


def _work(client: Client, wrong: list[str]) -> None:
    try:
        client.run()
    except Violation as violation:
        wrong.append(str(violation))
    except Exception as error:  # noqa: BLE001 -- a fault of the runner must not pass for a good end
        wrong.append(f"client {client.number} failed: {error!r}")


def _summary(faults: Faults, clients: list[Client], seconds: float, is_small: bool) -> str:
    schools = [school for client in clients for school in client.schools]
    cases = [case for school in schools for case in school.cases.values()]
    facts = {
        "schools": len(schools),
        "marks": sum(len(school.marks) for school in schools),
        "amendments": sum(len(codes) - 1 for school in schools for codes in school.marks.values()),
        "cases": len(cases),
        "decisions": sum(len(case.reasons) for case in cases),
        "notices": sum(len(case.notices) for case in cases),
        "requests": sum(client.requests for client in clients),
        "sent twice": sum(client.doubled for client in clients),
    }
    by_kind = ", ".join(f"{times} x {kind}" for kind, times in sorted(Counter(faults.done).items()))
    without = "" if is_small else " (no full disk: this user may mount none)"
    return f"{len(faults.done)} faults in {seconds:.0f} s{without}: {by_kind}\n" + ", ".join(
        f"{number} {what}" for what, number in facts.items()
    )


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201 -- the report


if __name__ == "__main__":
    sys.exit(main())
