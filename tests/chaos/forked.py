"""Processes of the product that are forked from one that has read its code already: a start costs a tenth of what `python -m` does.

Each runs a module as `python -m` does, in a session of its own, with its own environment, and is used like one of `subprocess`.
"""

import ctypes
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path

from shared.settings import SERVICES

CODE = (
    "attendance.command_line",
    "attendance.embedded",
    "attendance.log_reset",
    "attendance.operations",
    "attendance.recovery",
    "attendance.standins.servers",
    "services.console.app",
    *(f"services.{name}.app" for name in SERVICES),
)
"""Read once: what makes a start long. It is the same code; no process of the product has begun by then."""

_END_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux: what a run that is killed has begun ends with it."""


class Forked:
    """A process that runs a module with arguments, such as `["attendance", "doctor"]`; what it prints goes to the end of files."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], output: Path, errors: Path | None = None) -> None:
        files = str(output), str(errors or output)
        self._process = _context().Process(target=_run, args=([*arguments], dict(environment), *files), daemon=True)
        self._process.start()
        assert self._process.pid
        self.pid: int = self._process.pid

    @property
    def returncode(self) -> int | None:
        """Its exit code; the negative number of the signal that ended it; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """Return its exit code, or None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code once it has ended; raise TimeoutExpired where it has not by then."""
        self._process.join(timeout)
        if (code := self.returncode) is None:
            raise subprocess.TimeoutExpired("the process", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it and what it has begun."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.send_signal(signal.SIGKILL)  # one that has no session of its own yet


@cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*CODE])
    return context


def _run(arguments: list[str], environment: dict[str, str], output: str, errors: str) -> None:
    os.setsid()
    ctypes.CDLL(None).prctl(_END_WITH_PARENT, signal.SIGKILL)
    for number, path in ((1, output), (2, errors)):
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = arguments
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
