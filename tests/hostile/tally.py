"""What was asked of the product, and how it answered."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

SHOWN = 30
"""Unexplained answers printed, one of each kind."""
COLUMNS = ("2xx", "3xx", "4xx", "503", "5xx unexplained", "none")


@dataclass
class Tally:
    """How many requests each part sent, by the class of the answer, and those that nothing explains."""

    statuses: dict[str, Counter[str]] = field(default_factory=dict)
    unexplained: list[str] = field(default_factory=list)

    def answered(self, part: str, status: int, headers: Mapping[str, str], request: str, text: str) -> None:
        """Note an answer. Only a 503 that says when to ask again is explained among those above 499; other refusals must be problems."""
        refusal = status < 400 or headers.get("content-type", "").startswith(("application/problem+json", "text/html"))
        explained = status < 500 or (status == 503 and "retry-after" in headers)
        name = ("503" if status == 503 else "5xx unexplained") if status >= 500 else f"{status // 100}xx"
        self._count(part, name if explained else "5xx unexplained")
        if not explained or not refusal:
            self.unexplained.append(f"{part}: {request}: {status} {text[:200]}")

    def unanswered(self, part: str, error: Exception, request: str, *, expected: bool = False) -> None:
        """Note that no answer came; `expected` where the product may hang up on what it does not want to read."""
        self._count(part, "none")
        if not expected:
            self.unexplained.append(f"{part}: {request}: {type(error).__name__} {error}")

    def noticed(self, problem: str) -> None:
        """Note what is wrong besides answers."""
        self.unexplained.append(problem)

    def requests(self, part: str) -> int:
        """Return how many requests a part has sent."""
        return sum(self.statuses.get(part, Counter()).values())

    def _count(self, part: str, name: str) -> None:
        self.statuses.setdefault(part, Counter())[name] += 1

    def report(self, show: Console) -> None:
        """Print the table, and what nothing explains."""
        table = Table("part", "requests", *COLUMNS)
        total: Counter[str] = Counter()
        for part, found in self.statuses.items():
            total += found
            table.add_row(part, f"{found.total():,}", *(f"{found[name]:,}" for name in COLUMNS))
        table.add_section()
        table.add_row("all", f"{total.total():,}", *(f"{total[name]:,}" for name in COLUMNS))
        show.print(table)
        kinds: Counter[str] = Counter()
        for each in self.unexplained:
            kind = each.partition(":")[0] + each[-40:]
            kinds[kind] += 1
            if kinds[kind] == 1 and len(kinds) <= SHOWN:
                show.print(each, markup=False, highlight=False)
