"""`python -m tests.benchmarks`: everything in turn on one machine and one PostgreSQL; a table, a plot and `docs/benchmark.json`."""

import argparse
import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.benchmarks.stack import KEY

os.environ["ATTENDANCE_TOKEN_KEY"] = KEY  # before anything reads the settings

from rich.console import Console

from tests.benchmarks import idle, limits, others, pages, report, seed
from tests.benchmarks.product import Product, Run
from tests.benchmarks.report import Figures
from tests.benchmarks.stack import Stack
from tests.benchmarks.world import World
from tests.support.kafka import Kafka

PAST = (2023, 2024, 2025)
PARTS = {"history", "embedded", "naive", "peer", "half", "idle", "pages"}
ROOT = Path(__file__).parents[2]
show_progress = Console(stderr=True).print


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    asked.add_argument("--marks", type=int, default=1_200_000, help="marks of each run of the product (default 1,200,000)")
    asked.add_argument("--schools", type=int, default=40)
    asked.add_argument("--quick", action="store_true", help="a fifth of the marks, one year of history: under two minutes, less exact")
    asked.add_argument("--peer", type=Path, default=ROOT / ".cache/bench/bin/python", help="the Python that has quixstreams")
    asked.add_argument("--only", default="", help=f"parts to run, of: {', '.join(sorted(PARTS))} (default all)")
    asked.add_argument("--out", type=Path, default=ROOT / "docs")
    chosen = asked.parse_args()
    parts = set(filter(None, chosen.only.split(","))) or PARTS
    marks = chosen.marks // 5 if chosen.quick else chosen.marks
    world = World(chosen.schools, marks)
    folder = Path(tempfile.mkdtemp(prefix="benchmark-"))
    (folder / "data").mkdir()
    try:
        figures = asyncio.run(_measure(folder, world, parts, PAST[-1:] if chosen.quick else PAST, chosen.peer))
        if "idle" in parts:
            figures.idle = idle.measure(20 if chosen.quick else 60)
            show_progress(f"idle: {figures.idle}")
        if "pages" in parts:
            figures.pages = pages.measure_demo(20 if chosen.quick else 40, Console(stderr=True))
            show_progress(f"pages: slowest p95 {figures.pages.slowest.p95:.0f} ms")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.show(figures)
    if parts >= PARTS and not chosen.quick:
        report.write(figures, chosen.out)


async def _measure(folder: Path, world: World, parts: set[str], past: tuple[int, ...], peer: Path) -> Figures:
    stack = Stack(folder / "data")
    found = Figures(world=world)
    try:
        product = Product(stack, world)
        copies: dict[int, list[float]] = {1: [], 4: []}

        async def copy() -> None:
            for connections, rates in copies.items():
                await seed.empty(product.registers, product.thresholds)
                stack.checkpoint()
                rates.append(await limits.copy(product.registers, world, connections))
                show_progress(f"COPY over {connections}: {rates[-1]:,.0f} marks/s")

        async def run(name: str, *, on_kafka: bool = True, per_second: float | None = None) -> Run:
            if on_kafka:
                with _broker(folder) as kafka:
                    done = await product.run(kafka, per_second=per_second)
            else:
                done = await product.run(None)
            show_progress(
                f"{name}: {done.rate:,.0f} marks/s, p99 {done.answers.percentile(0.99):.0f} ms, lag {done.lag:.2f} s {done.faults or ''}"
            )
            found.runs[name] = done
            return done

        await copy()
        last = await run("Kafka, no history")
        if "peer" in parts:
            await _compare_thresholds(stack, product, found, peer)
        for name, years in _histories(past) if "history" in parts else ():
            await seed.history(product.registers, product.thresholds, _login(product.thresholds), world, years)
            last = await run(name)
        await copy()
        if "half" in parts:
            found.half = await run("Kafka, half load", per_second=last.rate / 2)
        if "embedded" in parts:
            await run("embedded", on_kafka=False)
        await copy()
        if "naive" in parts:
            await _run_naive(stack, product, found)
        found.copy, found.copy4 = median(copies[1]), median(copies[4])
        return found
    finally:
        stack.close()


async def _compare_thresholds(stack: Stack, product: Product, found: Figures, peer: Path) -> None:
    """Measure the thresholds alone and the stream processor, both with nothing behind them."""
    with _broker(stack.folder) as kafka:
        found.alone, found.alone_mb = await product.thresholds_alone(kafka)
    show_progress(f"thresholds alone: {found.alone:,.0f} marks/s, {found.alone_mb:.0f} MB")
    with _broker(stack.folder) as kafka:
        found.peer = await others.run_peer(stack, product.world, kafka, peer)
    show_progress(f"quixstreams: {found.peer:,.0f} marks/s")


async def _run_naive(stack: Stack, product: Product, found: Figures) -> None:
    with _broker(stack.folder) as kafka:
        found.naive = await others.run_naive(stack, product.world, kafka, registers=20)
    show_progress(f"naive: {found.naive:,.0f} marks/s")


@contextmanager
def _broker(folder: Path) -> Iterator[str]:
    """Give a broker that nobody has used: every run begins with an empty log."""
    broker = Kafka(Path(tempfile.mkdtemp(prefix="kafka-", dir=folder)))
    broker.start()
    try:
        yield broker.bootstrap
    finally:
        broker.kill()


def _histories(past: tuple[int, ...]) -> list[tuple[str, tuple[int, ...]]]:
    """Return what is put behind the product, step by step: the last year, then those before it."""
    steps = [("Kafka, 1 year", past[-1:]), (f"Kafka, {len(past)} years", past[:-1])]
    return [step for step in steps if step[1]]


def _login(url: str) -> str:
    return url.replace("postgresql://", "postgresql+asyncpg://")


if __name__ == "__main__":
    main()
