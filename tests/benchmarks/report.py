"""The figures as a table, as `docs/benchmark.json` and as a plot."""

import os
import platform
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import psutil
from rich.console import Console
from rich.table import Table

from tests.benchmarks.idle import Idle
from tests.benchmarks.pages import Pages
from tests.benchmarks.product import Run
from tests.benchmarks.world import World


@dataclass
class Figures:
    """Everything that was measured in one go."""

    world: World
    copy: float = 0.0
    copy4: float = 0.0
    runs: dict[str, Run] = field(default_factory=dict)
    half: Run | None = None
    naive: float = 0.0
    alone: float = 0.0
    alone_mb: float = 0.0
    peer: float = 0.0
    idle: Idle | None = None
    pages: Pages | None = None

    @property
    def kafka(self) -> Run:
        """The run with the most history behind it."""
        return [run for name, run in self.runs.items() if name.startswith("Kafka") and "half" not in name][-1]

    def as_json(self) -> dict[str, Any]:
        """Return the figures that the project promises, rounded."""
        embedded, none = self.runs.get("embedded"), self.runs["Kafka, no history"]
        peaks = [self.alone_mb, *(peak for run in self.runs.values() for peak in run.peaks.values())]
        return {
            "copy_marks_per_s": round(self.copy),
            "copy4_marks_per_s": round(self.copy4),
            "kafka_marks_per_s": round(self.kafka.rate),
            "kafka_over_copy": _ratio(self.kafka.rate, self.copy),
            "embedded_over_copy": _ratio(embedded.rate if embedded else 0, self.copy),
            "over_naive": _ratio(self.kafka.rate, self.naive, 0),
            "thresholds_over_quixstreams": _ratio(self.alone, self.peer, 1),
            "history3_over_history0": _ratio(self.kafka.rate, none.rate),
            "wal_bytes_per_mark": round(self.kafka.wal / self.kafka.marks),
            "register_p99_ms_half_load": self.half and round(self.half.answers.percentile(0.99), 1),
            "threshold_lag_s": self.half and round(self.half.lag, 3),
            "peak_rss_mb": round(max(peaks)),
            "idle_cpu_percent": self.idle and round(self.idle.cpu_percent, 2),
            "idle_transactions_per_s": self.idle and round(self.idle.transactions_per_s, 1),
            "first_event_ms": self.idle and {"median": round(self.idle.median_ms), "worst": round(self.idle.worst_ms)},
            "pages_slowest_p95_ms": self.pages and round(self.pages.slowest.p95),
            "marks_per_run": self.kafka.marks,
            "faults": {name: run.faults for name, run in self.runs.items() if run.faults},
            "cpu_us_per_mark": {name: _cpu(run) for name, run in self.runs.items()},
            "pages": self.pages and self.pages.as_json(),
            "machine": {
                "cpus": os.cpu_count(),
                "model": _model(),
                "memory_gb": round(psutil.virtual_memory().total / 2**30),
                "load_average": [round(each, 1) for each in os.getloadavg()],
                "python": platform.python_version(),
                "postgresql": "bundled, durable defaults",
            },
        }


def show(figures: Figures) -> None:
    """Print everything."""
    console, figures_shown = Console(width=150), figures.as_json()
    runs = Table(title=f"{figures.world.marks:,} marks a run, {len(figures.world.urns)} schools, registers of 375")
    for column in ("run", "marks/s", "of COPY", "p50 ms", "p99 ms", "lag s", "WAL B/mark", "CPU µs a mark, by process", "peak MB (growth)"):
        runs.add_column(column, justify="left" if column == "run" else "right")
    runs.add_row("COPY, one connection", f"{figures.copy:,.0f}", "1.00")
    runs.add_row("COPY, four connections", f"{figures.copy4:,.0f}", f"{figures.copy4 / figures.copy:.2f}")
    for name, run in figures.runs.items():
        runs.add_row(
            name,
            f"{run.rate:,.0f}",
            f"{run.rate / figures.copy:.2f}",
            f"{run.answers.percentile(0.5):.1f}",
            f"{run.answers.percentile(0.99):.1f}",
            f"{run.lag:.2f}",
            f"{run.wal / run.marks:.0f}",
            "\n".join(f"{part} {used:.2f}" for part, used in _cpu(run).items()),
            "\n".join(f"{part} {peak:.0f} ({run.growth[part]:+.0f})" for part, peak in run.peaks.items()),
        )
    for name, rate in (("thresholds alone", figures.alone), ("quixstreams", figures.peer), ("naive", figures.naive)):
        if rate:
            runs.add_row(name, f"{rate:,.0f}", f"{rate / figures.copy:.3f}")
    console.print(runs)
    console.print({name: value for name, value in figures_shown.items() if name not in {"cpu_us_per_mark", "pages"}})


def write(figures: Figures, folder: Path) -> None:
    """Write `benchmark.json` and `benchmark.svg`."""
    (folder / "benchmark.json").write_bytes(orjson.dumps(figures.as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    bars = [("COPY, four connections", figures.copy4), ("COPY, one connection", figures.copy)]
    bars += [(name, run.rate) for name, run in figures.runs.items() if "half" not in name]
    bars += [("thresholds alone", figures.alone), ("quixstreams, thresholds alone", figures.peer), ("naive pipeline", figures.naive)]
    (folder / "benchmark.svg").write_text(plot(bars), encoding="utf-8")


def plot(bars: list[tuple[str, float]]) -> str:
    """Return bars as SVG."""
    width, left, step, longest = 860, 230, 34, max(rate for _, rate in bars)
    rows = []
    for number, (name, rate) in enumerate(bars):
        y, length = 50 + number * step, (width - left - 110) * rate / longest
        colour = "#1d70b8" if name.startswith(("Kafka", "embedded", "thresholds")) else "#b1b4b6"
        rows.append(
            f'<text x="{left - 10}" y="{y + 16}" text-anchor="end">{name}</text>'
            f'<rect x="{left}" y="{y}" width="{max(length, 1):.1f}" height="22" fill="{colour}"/>'
            f'<text x="{left + length + 8:.1f}" y="{y + 16}">{rate:,.0f}</text>'
        )
    height = 60 + len(bars) * step
    title = '<text x="20" y="28" font-weight="bold">Marks per second, in one run on one machine</text>'
    body = "\n".join([title, *rows])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="14" role="img" '
        f'aria-label="Marks per second">\n<rect width="100%" height="100%" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _cpu(run: Run) -> dict[str, float]:
    return {name: round(seconds / run.marks * 1e6, 2) for name, seconds in run.cpu.items()}


def _ratio(one: float, other: float, digits: int = 2) -> float | None:
    return round(one / other, digits) if other else None


def _model() -> str:
    names = [line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()
