"""`python -m tests.benchmarks.pages`: how long each page of the console takes, for each role, on the demo data.

Starts the product in a folder of its own, plays the demo's school year, and opens every page as people do, one after another. Ends with 1
where the 95th percentile of a page is over 100 ms. A machine that does other work makes every request wait for a core: before each one the
sign-in page is opened, which asks no service and always does the same, and the limit grows by as much as its median is above its fastest
twentieth (a tenth, on a machine without other work). A machine that makes every request twice as slow measures nothing: the run ends with 2.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx2
from rich.console import Console
from rich.progress import track
from rich.table import Table

from shared.http import tokens
from tests.benchmarks.stack import Processes
from tests.journeys.product import free_base

LIMIT_MS = 100
BUSIEST = 2.0
WARMING = 5
NAMES = ("console", "registers", "thresholds", "penalties", "prosecutions", "notifications")
REQUESTS = re.compile(r'http_request_seconds_count\{.*?service="(?!console)[a-z]+".*?\} ([0-9.e+]+)')
FORM_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@dataclass
class PageTimes:
    """The times of one page for one role, in milliseconds, and how many requests it makes of the services."""

    page: str
    role: str
    times: list[float] = field(default_factory=list)
    requests: float = 0

    @property
    def p95(self) -> float:
        return quantiles(self.times, n=20)[-1]


class Visitor:
    """Opens pages of the console with the cookie of one role; asks the services for what there is to look at."""

    def __init__(self, base: int, role: str, schools: tuple[int, ...] = ()) -> None:
        self.base, self.role = base, role
        self.token = tokens.issue(role, name="Ann Officer", schools=schools)
        self.http = httpx2.Client(timeout=30, base_url=f"http://127.0.0.1:{base}", cookies={"attendance_session": self.token})

    def open(self, page: str) -> tuple[int, float]:
        """Return the status of a page and how long it took, in milliseconds; `POST /path field=value` sends a form."""
        path = page.removeprefix("POST ")
        path, _, sent = path.partition(" ")
        began = time.perf_counter()
        if "POST" in page:
            name, _, value = sent.partition("=")
            form = {"form_token": self.form_token, name: value}
            response = self.http.post(path, data=form, headers={"Origin": f"http://127.0.0.1:{self.base}"})
        else:
            response = self.http.get(path)
        return response.status_code, 1000 * (time.perf_counter() - began)

    def sign_in(self) -> None:
        self.form_token = FORM_TOKEN.findall(self.http.get("/pupils").text)[0]

    def items(self, service: str, path: str) -> list[Any]:
        """Return what a service lists."""
        answer = self.http.get(
            f"http://127.0.0.1:{self.base + NAMES.index(service)}{path}", headers={"Authorization": f"Bearer {self.token}"}
        )
        answer.raise_for_status()
        found: list[Any] = answer.json()["items"]
        return found

    def asked(self) -> float:
        """Return how many requests the services have answered so far; they and the console are one process."""
        return sum(float(count) for count in REQUESTS.findall(self.http.get("/metrics").text))


@dataclass(frozen=True)
class Subjects:
    """What there is to look at: ids of everything that has a page of its own, as far as the demo made it."""

    story: str
    """A case with notices and, where there is one, a court file."""
    case: str
    upn: str
    urn: int
    leave: list[str]
    parents: list[str]
    differences: list[str]
    mergers: list[str]
    matches: list[str]
    letters: list[str]
    files: list[str]
    imports: list[str]
    support: list[str]
    """Entries of the story's support log."""


PAGES: Mapping[str, Callable[[Subjects], list[str]]] = {
    "/": lambda _: ["/"],
    "/cases": lambda _: ["/cases", "/cases?status=closed"],
    "/cases/{case_id}": lambda of: [f"/cases/{of.story}", f"/cases/{of.case}"],
    "/cases/{case_id}/{slug}": lambda of: [f"/cases/{of.story}/decision"],
    "/cases/{case_id}/support": lambda of: [f"/cases/{of.story}/support"],
    "/cases/{case_id}/lead": lambda of: [f"/cases/{of.story}/lead"],
    "/cases/{case_id}/support/{entry_id}": lambda of: [f"/cases/{of.story}/support/{each}" for each in of.support],
    "/reports/fairness": lambda _: ["/reports/fairness"],
    "/reports/fairness.csv": lambda _: ["/reports/fairness.csv"],
    "/reports/fairness/{urn}": lambda of: [f"/reports/fairness/{of.urn}"],
    "/cases/new": lambda _: ["/cases/new"],
    "/cases/{case_id}/referral": lambda of: [f"/cases/{of.story}/referral"],
    "/policy": lambda _: ["/policy"],
    "/undecided": lambda _: ["/undecided"],
    "/penalty-notices": lambda _: ["/penalty-notices"],
    "/notices-to-improve": lambda _: ["/notices-to-improve"],
    "/pupils": lambda of: ["/pupils", f"POST /pupils upn={of.upn}"],
    "/differences": lambda _: ["/differences"],
    "/differences/{difference_id}": lambda of: [f"/differences/{each}" for each in of.differences],
    "/mergers": lambda _: ["/mergers"],
    "/mergers/{proposal_id}": lambda of: [f"/mergers/{each}" for each in of.mergers],
    "/matches": lambda _: ["/matches"],
    "/matches/{match_id}": lambda of: [f"/matches/{each}" for each in of.matches],
    "/letters": lambda _: ["/letters"],
    "/letters/misdated": lambda _: ["/letters/misdated"],
    "/letters/{letter_id}": lambda of: [f"/letters/{each}" for each in of.letters],
    "/letters/{letter_id}.pdf": lambda of: [f"/letters/{each}.pdf" for each in of.letters],
    "/schools": lambda _: ["/schools"],
    "/schools/{urn}": lambda of: [f"/schools/{of.urn}"],
    "/schools/{urn}/unresolved": lambda of: [f"/schools/{of.urn}/unresolved"],
    "/schools/{urn}/flagged": lambda of: [f"/schools/{of.urn}/flagged"],
    "/schools/{urn}/sickness": lambda of: [f"/schools/{of.urn}/sickness"],
    "/schools/{urn}/leave": lambda of: [f"/schools/{of.urn}/leave"],
    "/schools/{urn}/leave/new": lambda of: [f"/schools/{of.urn}/leave/new"],
    "/unresolved": lambda _: ["/unresolved"],
    "/parents/{parent_id}": lambda of: [f"/parents/{each}" for each in of.parents],
    "/cases/{case_id}/family": lambda of: [f"/cases/{of.story}/family"],
    "/leave": lambda _: ["/leave"],
    "/leave/{leave_id}": lambda of: [f"/leave/{each}" for each in of.leave],
    "/leave/{leave_id}/{slug}": lambda of: [f"/leave/{each}/decision" for each in of.leave],
    "/imports": lambda _: ["/imports"],
    "/imports/new": lambda _: ["/imports/new"],
    "/imports/{import_id}": lambda of: [f"/imports/{each}" for each in of.imports],
    "/imports/{import_id}/report.csv": lambda of: [f"/imports/{each}/report.csv" for each in of.imports],
    "/files": lambda _: ["/files"],
    "/files/{file_id}": lambda of: [f"/files/{each}" for each in of.files],
    "/operations": lambda _: ["/operations"],
}
"""The addresses of every page, by its route, with something to look at on each."""

UNMEASURED = {
    "/sign-in": "what every other page is measured against",
    "/sign-in/{code}": "asks no service, like the page to sign in",
    "/family-leave/{family_id}": "a few requests, each like the page of one; the demo makes none",
    "/family-leave/{family_id}/decision": "a form, like the decision about one request; the demo makes none",
    "/cases/{case_id}/support/{entry_id}/files/{number}": "a file as it was attached, of up to ten megabytes: it has no limit of a page",
    "/files/{file_id}/bundle.pdf": "a document of many pages that prosecutions makes for every request: it has no limit of a page",
}
"""Routes that people open and that are not measured, with the reason."""


def subjects(manager: Visitor) -> Subjects:
    """Return what there is to look at."""
    cases, files = manager.items("penalties", "/v1/cases?limit=500"), manager.items("prosecutions", "/v1/files")
    story = next((case for case in cases if files and case["id"] == files[0]["case_id"]), cases[0])

    def first(service: str, path: str) -> list[str]:
        return [each["id"] for each in manager.items(service, path)[:1]]

    return Subjects(
        story=story["id"],
        case=cases[0]["id"],
        upn=story["upn"],
        urn=story["urn"],
        leave=first("registers", "/v1/leave-requests?limit=1"),
        parents=[each["parent_id"] for each in manager.items("registers", "/v1/leave-requests?limit=1")],
        differences=first("registers", "/v1/pupil-differences?limit=1"),
        mergers=first("registers", "/v1/merger-proposals?limit=1"),
        matches=first("registers", "/v1/parent-matches?limit=1"),
        letters=first("notifications", "/v1/letters?limit=1"),
        files=[each["id"] for each in files[:1]],
        imports=first("registers", "/v1/imports?limit=1"),
        support=first("penalties", f"/v1/cases/{story['id']}/support-entries?limit=1"),
    )


@dataclass
class Pages:
    """The times of every page that a role may open, and by how much the machine was slowed down by other work."""

    pages: list[PageTimes]
    slowed: float

    @property
    def slowest(self) -> PageTimes:
        """The page with the highest 95th percentile."""
        return max(self.pages, key=lambda each: each.p95)

    def as_json(self) -> dict[str, Any]:
        """Return the table in milliseconds, the slowest page first."""
        slowest_first = sorted(self.pages, key=lambda each: -each.p95)
        return {
            "slowed_by_other_work": round(self.slowed, 2),
            "p50_and_p95_ms": {f"{each.page} ({each.role})": [round(median(each.times)), round(each.p95)] for each in slowest_first},
        }


def measure(base: int, count: int, show: Console) -> Pages:
    """Measure every page that a role may open."""
    manager = Visitor(base, "manager")
    urn = manager.items("registers", "/v1/schools?limit=1")[0]["urn"]
    visitors = [manager, Visitor(base, "aco"), Visitor(base, "school", (urn,)), Visitor(base, "operations")]
    found, reference = [], []
    for visitor in visitors:
        visitor.sign_in()
    of = subjects(manager)
    addresses = {route: addresses_of(of) for route, addresses_of in PAGES.items()}
    if empty := [route for route, found_there in addresses.items() if not found_there]:
        show.print(f"nothing to look at: {', '.join(empty)}")
    pages = [page for found_there in addresses.values() for page in found_there]
    for visitor, page in track([(each, page) for page in pages for each in visitors], "pages", console=show):
        statuses = {visitor.open(page)[0] for _ in range(WARMING)}
        if statuses != {200}:
            continue
        times, before = PageTimes(_named(page), visitor.role), visitor.asked()
        for _ in range(count):
            reference.append(visitor.open("/sign-in")[1])
            times.times.append(visitor.open(page)[1])
        times.requests = (visitor.asked() - before) / count
        found.append(times)
    return Pages(found, median(reference) / quantiles(reference, n=20)[0])


def measure_demo(count: int, show: Console) -> Pages:
    """Measure every page of a product started for it, with the data of the demo."""
    with product(show) as base:
        return measure(base, count, show)


def _named(page: str) -> str:
    """Return an address without the ids in it."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "{id}", re.sub(r"/[0-9]{6}\b", "/{urn}", page.partition(" upn=")[0]))


@contextmanager
def product(show: Console) -> Iterator[int]:
    """Start the product in a folder of its own, play the demo, and give the first port."""
    folder, base = Path(tempfile.mkdtemp(prefix="pages-")), free_base()
    (folder / "today").write_text("2025-09-01", encoding="ascii")
    environment: Mapping[str, str] = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ATTENDANCE_")},
        "ATTENDANCE_DATA": str(folder / "data"),
        "ATTENDANCE_PORT": str(base),
        "ATTENDANCE_TODAY": f"@{folder / 'today'}",
        "ATTENDANCE_TOKEN_KEY": os.environ["ATTENDANCE_TOKEN_KEY"],
    }
    processes = Processes(folder)
    try:
        processes.start("up", ["-m", "attendance", "up", "--no-demo"], environment)
        for number, _ in enumerate(NAMES):
            processes.await_line("up", f"ready http://127.0.0.1:{base + number}", 120)
        show.print("the product runs; the demo plays its school year")
        subprocess.run([sys.executable, "-m", "attendance", "demo"], env=environment, check=True, stdout=sys.stderr)
        yield base
    finally:
        processes.stop()
        shutil.rmtree(folder, ignore_errors=True)


def report(measured: Pages) -> int:
    """Print the table; return the exit code."""
    found, slowed, worst = measured.pages, measured.slowed, measured.slowest
    limit = LIMIT_MS * slowed
    table = Table("page", "role", "p50 ms", "p95 ms", "requests to services", title=f"limit of each p95: {limit:.0f} ms")
    for each in found:
        over = "[red]" if each.p95 > limit else ""
        table.add_row(each.page, each.role, f"{median(each.times):.0f}", f"{over}{each.p95:.0f}", f"{each.requests:.0f}")
    console = Console(width=110, highlight=False)
    console.print(table)
    console.print(
        f"{len(found)} pages and roles; slowest p95 {worst.p95:.0f} ms ({worst.page}, {worst.role}); other work slowed it by {slowed:.2f}"
    )
    if slowed > BUSIEST:
        console.print("The machine is too busy to measure.")
        return 2
    return 1 if worst.p95 > limit else 0


def main() -> int:
    """Measure, print, and return the exit code."""
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks.pages", description=__doc__)
    options.add_argument("--requests", type=int, default=40, help="of each page and role, after a few to warm up (default 40)")
    options.add_argument(
        "--port", type=int, help="measure the product that runs there, with the data and the token key of this environment"
    )
    chosen, show = options.parse_args(), Console(stderr=True)
    if chosen.port:
        return report(measure(chosen.port, chosen.requests, show))
    os.environ["ATTENDANCE_TOKEN_KEY"] = "pages-only-key-pages-only-key-pages-only-key"
    return report(measure_demo(chosen.requests, show))


if __name__ == "__main__":
    sys.exit(main())
