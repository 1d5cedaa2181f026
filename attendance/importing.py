"""Send a file of marks to a running product and follow its import to the end."""

import asyncio
import getpass
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import httpx2
from rich.console import Console

from attendance.progress import progress_bar
from services.console.responses.schools import Import, RefusedLine
from services.console.responses.values import ListResponse
from shared.http import tokens
from shared.http.client import connection_pool
from shared.settings import settings

REFUSALS_SHOWN = 5
_RECONNECT_SECONDS = 60
"""Seconds to wait for a product that is being started again."""


async def run(console: Console, file: Path, form: dict[str, str], mapping: Path | None, by: str | None, *, strict: bool) -> int:
    """Import a file; return the exit code: 1 where the import failed or (`strict`) refused lines, 2 where the file was not accepted."""
    token = tokens.issue("manager", name=by or getpass.getuser())
    async with connection_pool(600) as http:
        http.base_url, http.headers["Authorization"] = settings().service_url("registers"), f"Bearer {token}"
        try:
            accepted = await _send(http, file, form, mapping)
        except httpx2.TransportError:
            console.print("the product does not answer; is it running?")
            return 2
        if accepted.status_code != 201:
            console.print(f"[red]not accepted:[/] {_reason(accepted)}")
            return 2
        location = accepted.headers["Location"]
        done = await _follow(console, http, location, file.name)
        await _report(console, http, location, done)
    return 1 if done.state == "failed" or (strict and done.rejected) else 0


async def _send(http: httpx2.AsyncClient, file: Path, form: dict[str, str], mapping: Path | None) -> httpx2.Response:
    with file.open("rb") as content:
        parts = {"file": (file.name, content, "application/octet-stream")}
        if mapping:
            parts["mapping"] = (mapping.name, mapping.open("rb"), "application/toml")  # closed with the request
        try:
            return await http.post("/v1/imports", params=form, files=parts, headers={"Idempotency-Key": uuid4().hex})
        finally:
            for _, part, _ in parts.values():
                part.close()


async def _follow(console: Console, http: httpx2.AsyncClient, location: str, name: str) -> Import:
    with progress_bar(console) as progress:
        task = progress.add_task(f"reading {name}", total=None)
        async for state in _states(http, location):
            if state.total is not None:
                progress.update(task, description=f"importing {name}", total=state.total, completed=state.position)
            if state.state in {"done", "failed"}:
                return state
    raise httpx2.ReadError("the product stopped answering")  # pragma: no cover -- _states ends with the import or raises


async def _states(http: httpx2.AsyncClient, location: str) -> AsyncIterator[Import]:
    """Yield an import's state as it changes; connect again to a product that is started again meanwhile."""
    end = asyncio.get_running_loop().time() + _RECONNECT_SECONDS
    while True:
        with suppress(httpx2.TransportError):
            async with http.stream("GET", f"{location}/progress", timeout=30) as stream:
                async for line in stream.aiter_lines():
                    if stream.status_code == 200 and line.startswith("data:"):
                        end = asyncio.get_running_loop().time() + _RECONNECT_SECONDS
                        yield Import.model_validate_json(line.removeprefix("data:"))
        if asyncio.get_running_loop().time() > end:
            raise SystemExit(f"the product no longer answers; the import goes on when it runs again: {location}")
        await asyncio.sleep(0.3)


async def _report(console: Console, http: httpx2.AsyncClient, location: str, done: Import) -> None:
    counts = f"{done.recorded:,} recorded, {done.unchanged:,} unchanged, {done.amended:,} amended, {done.ignored:,} ignored, {done.rejected:,} rejected"
    counts += f", {done.noted:,} stored with a remark" if done.noted else ""
    console.print(f"[bold]{done.state}[/]: {done.total or 0:,} marks: {counts}", highlight=False)
    if done.error:
        console.print(f"[red]{done.error}[/]")
    for warning in done.warnings:
        console.print(f"[yellow]{warning}[/]", highlight=False)
    if done.rejected or done.noted:
        response = await http.get(f"{location}/report", params={"limit": REFUSALS_SHOWN})
        lines = ListResponse[RefusedLine].model_validate_json(response.content).items
        for line in lines:
            console.print(f"  line {line.line}: {line.reason}", highlight=False)
        if done.rejected + done.noted > len(lines):
            console.print("  …")
        console.print(
            f"every line refused or remarked on, and why: {str(http.base_url).rstrip('/')}{location}/report.csv",
            soft_wrap=True,
            highlight=False,
        )


def _reason(response: httpx2.Response) -> str:
    try:
        problem = response.json()
    except ValueError:
        return f"{response.status_code} {response.text[:200]}"
    return str(problem.get("detail") or problem.get("title"))
