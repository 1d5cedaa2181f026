"""The `attendance` command."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Coroutine, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from shared.http import tokens
from shared.http.access import BOUND_ROLES, ROLES
from shared.observability import configure_logs
from shared.settings import SERVICES, settings

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
err = Console(stderr=True)


def main() -> None:
    """Run the command line."""
    app()


@app.command()
def up(no_demo: Annotated[bool, typer.Option("--no-demo", help="Start without the synthetic authority.")] = False) -> None:
    """Start everything in one process, with a bundled PostgreSQL, and stay until Ctrl-C or SIGTERM."""
    from attendance import embedded
    from shared.runtime import until_signalled

    configure_logs(quiet=True)
    folder = settings().data
    lock = embedded.lock_data_folder(folder)
    embedded.require_free_ports()
    if not no_demo:
        _follow_demo_date(folder)
    err.print(f"starting in {folder.resolve()}")
    server = embedded.provide(folder)
    try:
        embedded.migrate(lambda line: err.print(f"  {line}"), server.revive)
        demos: list[subprocess.Popen[bytes]] = []

        def ready() -> None:
            if not no_demo:
                # In a process group of its own: Ctrl-C ends it through this process, and not in the middle of its sentence.
                demos.append(subprocess.Popen([sys.executable, "-m", "attendance", "demo"], process_group=0))

        async def run(stopping: asyncio.Event) -> None:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(embedded.run(server, stopping, lambda line: print(line, flush=True), ready))
                tasks.create_task(_end_with(stopping, demos))

        until_signalled(run)
        for process in demos:
            process.wait(10)
    finally:
        server.stop()
        lock.close()


async def _end_with(stopping: asyncio.Event, processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """End processes as soon as `stopping` is set: they use services that end then too."""
    await stopping.wait()
    for process in processes:
        process.terminate()


def _follow_demo_date(folder: Path) -> None:
    """Let the demo move the date, unless ATTENDANCE_TODAY is set."""
    from attendance.demo.year import FIRST_DAY

    if "ATTENDANCE_TODAY" not in os.environ:
        file = folder / "today"
        if not file.exists():
            file.write_text(FIRST_DAY.isoformat(), encoding="ascii")
        os.environ["ATTENDANCE_TODAY"] = f"@{file.resolve()}"


@app.command()
def demo() -> None:
    """Play a school year of a small synthetic authority, and print the story of one pupil."""
    from attendance.demo import year

    configure_logs(quiet=True)
    raise SystemExit(asyncio.run(_until_ended(year.run(Console()))))


async def _until_ended(main: Coroutine[None, None, int]) -> int:
    """Return the exit code of a coroutine; one that SIGTERM or SIGINT ends closes what it has open, such as a progress bar."""
    task = asyncio.ensure_future(main)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return 128 + signal.SIGINT


@app.command()
def simulate(
    schools: Annotated[int, typer.Option(min=1, max=200, help="How many schools.")] = 4,
    pupils: Annotated[int, typer.Option(min=1, max=2000, help="Pupils in each.")] = 100,
    year: Annotated[str, typer.Option(help="School year, such as 2025-26.")] = "2025-26",
    weeks: Annotated[int | None, typer.Option(min=1, help="Only so many school weeks from September; then nothing is judged.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same authority.")] = 881,
) -> None:
    """Send the registers of a synthetic Essex to a running product, and compare the shares of each code with the published ones."""
    from attendance import simulation

    configure_logs(quiet=True)
    raise SystemExit(asyncio.run(simulation.run(Console(), schools, pupils, year, weeks, seed)))


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CTF (XML), CSV, XLSX or Wonde-shaped JSON.")],
    format_: Annotated[str | None, typer.Option("--format", help="ctf, csv, xlsx or wonde; default: what the file shows itself.")] = None,
    mapping: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="TOML that says what the columns mean.")] = None,
    urn: Annotated[int | None, typer.Option(min=100000, max=999999, help="The school of lines that name none.")] = None,
    by: Annotated[str | None, typer.Option(help="Who imports: a person's name; default: that of the account.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 if any line was refused.")] = False,
) -> None:
    """Import a file of marks into a running product; it can be repeated, and goes on where it was when the product was killed."""
    from attendance import importing

    configure_logs(quiet=True)
    form = {name: str(value) for name, value in (("format", format_), ("urn", urn)) if value is not None}
    raise SystemExit(asyncio.run(importing.run(Console(), file, form, mapping, by, strict=strict)))


@app.command()
def token(
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")],
    school: Annotated[list[int] | None, typer.Option(help="URN that the token is bound to; may be given several times.")] = None,
    la: Annotated[str | None, typer.Option(help="Authority to which an officer's token is narrowed.")] = None,
    name: Annotated[
        str | None, typer.Option(help="The person who acts; without one the token decides and changes nothing, unless it is a machine's.")
    ] = None,
) -> None:
    """Print an access token, valid for 24 hours."""
    if role in BOUND_ROLES and not school:
        raise typer.BadParameter(f"a token of role {role} is bound to at least one --school")
    try:
        print(tokens.issue(role, name=name, schools=school or (), la_code=la))
    except ValueError as refusal:
        raise typer.BadParameter(str(refusal)) from None


@app.command()
def replay(
    by: Annotated[str, typer.Option(help="Who replays: a person's name.")],
    service: Annotated[str | None, typer.Option(help="Only this service.")] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="Also publish again the events since this date (for a broker that lost them).")
    ] = None,
    state: Annotated[
        str | None,
        typer.Option(help="Publish again what this service holds, and replay nothing; of days from --from on, if that is given."),
    ] = None,
    to: Annotated[str | None, typer.Option(help="With --state: only what is about days up to this date.")] = None,
    school: Annotated[int | None, typer.Option(min=100000, max=999999, help="With --state: only of this school.")] = None,
    pupil: Annotated[str | None, typer.Option(help="With --state: only of the pupil with this UPN or id.")] = None,
) -> None:
    """Replay dead letters of a running product; with --from, fill a broker again; with --state, publish what a service holds again."""
    from attendance import operations
    from attendance.state import publish_again

    configure_logs(quiet=True)
    first, last = (_date_of(each) if each else None for each in (since, to))
    if state is None and (to or school or pupil):
        raise typer.BadParameter("--to, --school and --pupil narrow --state SERVICE")
    if state is not None:
        if state not in SERVICES:
            raise typer.BadParameter(f"--state takes one of {', '.join(SERVICES)}")
        raise SystemExit(asyncio.run(_until_ended(publish_again(Console(), state, by, period=(first, last), school=school, pupil=pupil))))
    raise SystemExit(asyncio.run(operations.replay(Console(), by, service, first)))


def _date_of(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise typer.BadParameter(f"{written} is no date, such as 2026-09-01") from None


@app.command()
def readers(
    remove: Annotated[str | None, typer.Option(help="Keep nothing more for this reader: it is no service, and gone for good.")] = None,
) -> None:
    """Print who reads which topic and how far; ends with 1 if anything has waited for more than a minute."""
    from attendance import operations

    configure_logs(quiet=True)
    raise SystemExit(asyncio.run(operations.readers(Console(), remove)))


@app.command()
def recover(
    service: Annotated[str, typer.Argument(help="The service whose database went back to an old copy.")],
    by: Annotated[str, typer.Option(help="Who recovers: a person's name.")],
    accept_copy: Annotated[bool, typer.Option("--accept-copy", help="Give up what cannot be brought back, and work on.")] = False,
) -> None:
    """Bring back what a service's old copy of its database does not hold: from its own events, and from the providers."""
    from attendance import recovery

    configure_logs(quiet=True)
    if service not in SERVICES:
        raise typer.BadParameter(f"one of {', '.join(SERVICES)}")
    raise SystemExit(asyncio.run(recovery.run(Console(), service, by, accept_copy=accept_copy)))


@app.command()
def resume(
    by: Annotated[
        str | None, typer.Option(help="Who confirms that due work may go on: a person's name. Without it nothing is changed.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why it may.")] = "confirmed on the command line",
    service: Annotated[str | None, typer.Option(help="Only this service.")] = None,
) -> None:
    """Print whether due work is paused, why, and how much is due; with --by, let it go on."""
    from attendance import operations

    configure_logs(quiet=True)
    raise SystemExit(asyncio.run(operations.resume(Console(), by, reason, service)))


@app.command()
def doctor(
    full: Annotated[bool, typer.Option("--full", help="Compare all that services hold of the same facts, not samples.")] = False,
) -> None:
    """Check that everything is as it should be, and print what is not."""
    from attendance import operations

    configure_logs(quiet=True)
    raise SystemExit(asyncio.run(operations.doctor(Console(), full=full)))


log_commands = typer.Typer(help="The log of events of the embedded default.", no_args_is_help=True)
app.add_typer(log_commands, name="log")


@log_commands.command("reset")
def reset_log(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Make a damaged log anew: the product is stopped, and what the outboxes keep is published again at its next start."""
    from attendance import log_reset

    configure_logs(quiet=True)
    err.print(
        "This deletes the log of events and nothing else. Consumers read the new one from the beginning, and leave out what they know."
    )
    raise SystemExit(log_reset.reset(settings().data, print, lambda: yes or typer.confirm("Delete the log?")))
