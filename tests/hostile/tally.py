"""What was asked of the product, and how it answered."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

SHOWN = 30
"""Kinds of unexplained answers printed, each with one of its requests."""
COLUMNS = ("2xx", "3xx", "4xx", "503", "5xx unexplained", "none")
REFUSAL = {"console": "text/html"}
"""What a refusal is, of a service that does not answer with a problem."""
_TITLE = re.compile(r'"title": ?"([^"]*)"|<h1[^>]*>([^<]*)|"detail": ?"([^"]*)"')
_CHANGING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[A-Z]?[0-9]{6,}[0-9A-Z]?\b|\?.*|20[0-9]{2}-[0-9]{2}-[0-9]{2}")


@dataclass
class Tally:
    """How many requests each part sent, by the class of the answer, and those that nothing explains."""

    statuses: dict[str, Counter[str]] = field(default_factory=dict)
    unexplained: list[str] = field(default_factory=list)
    kinds: dict[str, list[str]] = field(default_factory=dict)
    """The requests without an explanation, by part, service, address without ids, and cause."""
    causes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """How often a part of the product was not able to answer: part, service, cause."""

    def answered(self, part: str, service: str, status: int, headers: Mapping[str, str], request: str, text: str) -> None:
        """Note an answer. Only a 503 that says when to ask again is explained among those above 499; other refusals must be of the right kind."""
        refusal = status < 400 or headers.get("content-type", "").startswith(REFUSAL.get(service, "application/problem+json"))
        explained = status < 500 or (status == 503 and "retry-after" in headers)
        name = ("503" if status == 503 else "5xx unexplained") if status >= 500 else f"{status // 100}xx"
        self._count(part, name if explained else "5xx unexplained")
        cause = " ".join(found for each in _TITLE.findall(text) for found in each if found)[:120]
        if status >= 500:
            self.causes[part, service, f"{status} {cause}"] += 1
        if not explained or not refusal:
            kind = headers.get("content-type", "no type") if not refusal else ""
            self._unexplained(part, service, request, f"{status} {kind} {cause or text[:200]}")

    def unanswered(self, part: str, service: str, error: Exception, request: str) -> None:
        """Note that no answer came, which nothing explains."""
        self._count(part, "none")
        self._unexplained(part, service, request, f"{type(error).__name__} {error}")

    def noticed(self, problem: str) -> None:
        """Note what is wrong besides answers."""
        self.unexplained.append(problem)
        self.kinds.setdefault(problem, []).append("")

    def requests(self, part: str) -> int:
        """Return how many requests a part has sent."""
        return sum(self.statuses.get(part, Counter()).values())

    def _unexplained(self, part: str, service: str, request: str, cause: str) -> None:
        self.unexplained.append(f"{part}: {service}: {request}: {cause}")
        method, _, address = request.partition(" ")
        path = _CHANGING.sub("{}", re.sub(r"https?://[^/]+", "", address))
        self.kinds.setdefault(f"{part}: {service}: {method} {path[:80]}: {cause}", []).append(request)

    def _count(self, part: str, name: str) -> None:
        self.statuses.setdefault(part, Counter())[name] += 1

    def report(self, show: Console) -> None:
        """Print the table, why services were not able to answer, and what nothing explains, by kind."""
        table = Table("part", "requests", *COLUMNS)
        total: Counter[str] = Counter()
        for part, found in self.statuses.items():
            total += found
            table.add_row(part, f"{found.total():,}", *(f"{found[name]:,}" for name in COLUMNS))
        table.add_section()
        table.add_row("all", f"{total.total():,}", *(f"{total[name]:,}" for name in COLUMNS))
        show.print(table)
        for (part, service, cause), count in self.causes.most_common(SHOWN):
            show.print(f"{count:,} times {cause} ({service}, {part})", markup=False)
        for kind, requests in sorted(self.kinds.items(), key=lambda each: -len(each[1]))[:SHOWN]:
            show.print(f"unexplained, {len(requests):,} times: {kind}", markup=False)
            if requests[0]:
                show.print(f"    such as {requests[0]}", markup=False)
