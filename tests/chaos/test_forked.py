"""A process that the fault runner forks does what `python -m` would, with what it is given."""

import importlib.util
import os
import signal
import socket
import subprocess
import sys

import pytest

from tests.chaos.forked import CODE, Forked
from tests.journeys.product import eventually, free_base

KEY = "a-key-of-this-test-alone-a-key-of-this-test-alone"


@pytest.fixture
def environment():
    return {"PATH": os.environ["PATH"], "ATTENDANCE_TOKEN_KEY": KEY, "ATTENDANCE_PORT": str(free_base())}


@pytest.mark.parametrize("module", CODE)
def test_the_code_that_is_read_before_is_there(module):
    assert importlib.util.find_spec(module)


@pytest.mark.parametrize("arguments", [["token", "--role", "manager", "--name", "Ann"], ["token", "--role", "nobody"], ["token"]])
def test_a_forked_command_ends_as_the_command_itself_does(tmp_path, environment, arguments):
    process = Forked(["attendance", *arguments], environment, tmp_path / "output", tmp_path / "errors")
    itself = subprocess.run([sys.executable, "-m", "attendance", *arguments], env=environment, capture_output=True, text=True, check=False)

    assert process.wait(60) == itself.returncode
    assert (tmp_path / "errors").read_text() == itself.stderr
    assert (tmp_path / "output").read_text()[:20] == itself.stdout[:20]  # a token bears the second of its birth


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGKILL, -9)])
def test_a_forked_process_ends_by_a_signal_as_any_other(tmp_path, environment, number, code):
    process = Forked(["attendance.standins", "pay"], environment, tmp_path / "output")
    eventually("it listens", lambda: _listens(int(environment["ATTENDANCE_PORT"]) + 6))
    assert process.poll() is None

    process.send_signal(number)

    assert process.wait(60) == code


def _listens(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0
