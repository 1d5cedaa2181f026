"""`python -m tests.chaos --seed 1 --minutes 10`: faults of every kind against the real product, which must lose and double nothing."""

import argparse
import os
import random
import shutil
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import psutil

from tests.chaos.checks import PLANTED_SETTLE_SECONDS, SETTLE_SECONDS, violations
from tests.chaos.client import Client, Violation
from tests.chaos.faults import Fault, Faults
from tests.chaos.operators import OperatorFaults
from tests.chaos.plan import plan
from tests.chaos.planted import PLANTED, SHOWN_BY
from tests.chaos.running import Running, small_disk
from tests.journeys.product import eventually

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
    parser.add_argument("--only", nargs="+", metavar="FAULT", help="do only these kinds, such as old_copy_of_log or kill_worker")
    chosen = parser.parse_args()
    os.environ.setdefault("ATTENDANCE_TOKEN_KEY", "chaos-only-key-chaos-only-key-chaos-only-key")
    _print(f"seed {chosen.seed}, {chosen.minutes:g} minutes")
    if chosen.planted is not None:
        return score(chosen.seed, chosen.minutes * 60, chosen.planted or [*PLANTED])
    wrong = run(chosen.seed, chosen.minutes * 60, only=chosen.only)
    _print(f"seed {chosen.seed}: " + ("nothing lost, nothing doubled, nothing stuck" if not wrong else f"{len(wrong)} VIOLATIONS"))
    for each in wrong[:40]:
        _print(f"  {each}")
    return bool(wrong)


def score(seed: int, seconds: float, bugs: Sequence[str]) -> int:
    """Run with each planted bug in its turn, under the faults that bring it out; print a table, and return 1 if any is not caught."""
    lines = []
    missed = 0
    for bug in bugs:
        _print(f"planted: {PLANTED[bug].__doc__}")
        began = time.monotonic()
        wrong = run(seed, seconds, bug, SHOWN_BY[bug])
        missed += not wrong
        lines.append(
            f"{'caught' if wrong else 'MISSED':7} {bug:22} {time.monotonic() - began:4.0f} s  {' '.join(wrong[0].split())[:160] if wrong else ''}"
        )
        _print(lines[-1])
    _print("\n".join([f"seed {seed}: {len(lines) - missed} of {len(lines)} planted bugs caught", *lines]))
    return missed > 0


def run(seed: int, seconds: float, bug: str | None = None, only: Sequence[str] | None = None) -> list[str]:
    """Drive a product of its own through faults for so long; return what was violated. `bug`: to plant in it; `only`: of these kinds."""
    wrong: list[str] = []
    product = Running(bug)
    psutil.cpu_percent()  # the next call tells of the time since this one
    stop, answered, began = threading.Event(), threading.Event(), time.monotonic()
    clients = [Client(product, number, seed, stop, answered) for number in range(CLIENTS)]
    faults, done = Faults(product, seed, answered, clients), Done(began)
    with ExitStack() as after:
        after.callback(shutil.rmtree, product.folder, ignore_errors=True)
        is_small = after.enter_context(small_disk(product.folder / "data"))
        after.callback(product.remove)  # before its disk is: the database server is found by a file there
        after.callback(faults.end_second_worker)
        product.start()
        operators = OperatorFaults(faults)
        operators.copies.take()
        threads = [threading.Thread(target=_work, args=(client, wrong), daemon=True) for client in clients]
        for thread in threads:
            thread.start()
        once = operators.once()
        kinds = ([*faults.whole(small_disk=is_small), *operators.kinds(), *once], faults.apart())
        whole, apart = ([each for each in kind if only is None or each.__name__ in only] for kind in kinds)
        planned = plan(faults.chance, whole, apart, dict.fromkeys(once, 1))
        try:
            eventually("a case is decided on", lambda: wrong or any(map(_decided, clients)), 120)
            _disturb(faults, planned, time.monotonic() + seconds, wrong, done)
            stop.set()
            faults.end_second_worker()
            faults.rest()
            for thread in threads:
                thread.join()
        except (Violation, AssertionError) as violation:
            wrong.append(str(violation))
        stop.set()
        try:
            wrong += [] if wrong else violations(product, clients, PLANTED_SETTLE_SECONDS if bug else SETTLE_SECONDS)
        except Violation as violation:  # of a question at the end
            wrong.append(str(violation))
        _print(_summary(done, clients, time.monotonic() - began, is_small))
    return wrong


def _decided(client: Client) -> bool:
    return any(case.reasons for school in client.schools for case in school.cases.values())


class Done:
    """Which faults were done, and how long each took with what came of it."""

    def __init__(self, began: float) -> None:
        self.began, self.seconds = began, defaultdict[str, list[float]](list)

    @contextmanager
    def fault(self, name: str) -> Iterator[None]:
        """Print and note a fault that is done within the block."""
        begins = time.monotonic()
        _print(f"{begins - self.began:6.1f} s  {name}")
        yield
        self.seconds[name].append(time.monotonic() - begins)

    @property
    def times(self) -> int:
        """How many faults were done."""
        return sum(map(len, self.seconds.values()))


def _disturb(faults: Faults, planned: Iterator[tuple[bool, Fault]], end: float, wrong: list[str], done: Done) -> None:
    """Do one fault after the other until the end, or until something is wrong."""
    is_apart = False
    for wants_apart, fault in planned:
        if time.monotonic() > end or wrong:
            break
        if wants_apart != is_apart:
            faults.end_second_worker()
            faults.rest()
            _print("  every part in a process of its own" if wants_apart else "  everything in one process")
            (faults.product.take_apart if wants_apart else faults.product.put_together)()
            faults.rest()
            is_apart = wants_apart
        time.sleep(faults.chance.uniform(0.2, 1.5))
        with done.fault(fault.__name__.replace("_", " ")):
            fault()
            if faults.chance.random() < 0.7:  # otherwise the next fault comes before it has recovered from this one
                faults.rest()


def _work(client: Client, wrong: list[str]) -> None:
    try:
        client.run()
    except Violation as violation:
        wrong.append(str(violation))
    except Exception as error:  # noqa: BLE001 -- a fault of the runner must not pass for a good end
        wrong.append(f"client {client.number} failed: {error!r}")


def _summary(done: Done, clients: list[Client], seconds: float, is_small: bool) -> str:
    schools = [school for client in clients for school in client.schools]
    cases = [case for school in schools for case in school.cases.values()]
    facts = {
        "schools": len(schools),
        "marks": sum(len(school.marks) for school in schools),
        "amendments": sum(len(codes) - 1 for school in schools for codes in school.marks.values()),
        "cases": len(cases),
        "decisions": sum(len(case.reasons) for case in cases),
        "notices": sum(len(case.notices) for case in cases),
        "court files": sum(case.files for case in cases),
        "requests": sum(client.requests for client in clients),
        "sent twice": sum(client.doubled for client in clients),
    }
    kinds = [
        f"{len(each):4d} x {name}, {sum(each) / len(each):.1f} s each, at most {max(each):.1f} s"
        for name, each in sorted(done.seconds.items(), key=lambda kind: -sum(kind[1]))
    ]
    without = "" if is_small else " (no full disk: this user may mount none)"
    told = ", ".join(f"{number} {what}" for what, number in facts.items())
    busy = f"the machine was {psutil.cpu_percent():.0f} % busy, with {os.getloadavg()[1]:.1f} processes at work or waiting to be"
    return "\n".join([*kinds, busy, f"{done.times} faults in {seconds:.0f} s{without}; {told}"])


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201 -- the report


if __name__ == "__main__":
    sys.exit(main())
