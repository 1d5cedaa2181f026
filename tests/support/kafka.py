"""A real Apache Kafka for tests: one broker (KRaft) from its published jars, with the machine's Java.

Loaded as a pytest plugin it gives the session fixture `kafka`. Where no broker can be had the tests that need it are skipped and the
summary shows it; with `ATTENDANCE_REQUIRE_KAFKA=1` they fail.
"""

import base64
import os
import re
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest

VERSION = "4.3.1"
_POM = Path(__file__).parents[2] / "deploy" / "kafka" / "pom.xml"
_JAVA = ("java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_API_VERSIONS = struct.pack(">ihhih", 10, 18, 0, 1, -1)
_PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs={folder}/logs
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
"""


class NoKafka(Exception):  # noqa: N818 -- a state of the machine
    """No Apache Kafka can be had on this machine; the message is the reason."""


def kafka_jars() -> Path:
    """Return the folder of Kafka's jars; fetched once with Maven into a cache, or `ATTENDANCE_KAFKA_JARS`. Raise NoKafka."""
    _need_java()
    if folder := os.environ.get("ATTENDANCE_KAFKA_JARS"):
        return Path(folder)
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "attendance"
    jars = caches / f"kafka-{VERSION}"
    if not jars.is_dir():
        if not shutil.which("mvn"):
            raise NoKafka("Maven is missing, which fetches its jars")
        caches.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=caches) as folder:
            fetched = Path(folder) / "jars"
            command = ["mvn", "-q", "-B", "-f", str(_POM), "dependency:copy-dependencies", f"-DoutputDirectory={fetched}"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise NoKafka(f"Maven could not fetch its jars: {(done.stdout + done.stderr).strip()[-500:]}")
            with suppress(OSError):  # another process was faster
                fetched.rename(jars)
    return jars


class Kafka:
    """One broker in a folder of its own, on ports that stay the same when it is started again."""

    def __init__(self, folder: Path) -> None:
        self.jars = kafka_jars()
        self.folder = folder
        self.port, controller = _free_ports(2)
        self.bootstrap = f"127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._properties = folder / "server.properties"
        self._properties.write_text(_PROPERTIES.format(port=self.port, controller=controller, folder=folder), encoding="utf-8")

    def start(self, seconds: float = 60) -> None:
        """Start the broker, or start it again with what it had; return when it answers."""
        if not (self.folder / "logs" / "meta.properties").exists():
            # Beginning with a letter: one in 64 would begin with a dash, and be taken for an option.
            name = "K" + base64.urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")[1:]
            self._run("kafka.tools.StorageTool", "format", "-t", name, "-c", str(self._properties)).wait()
        self._process = self._run("kafka.Kafka", str(self._properties))
        until = time.monotonic() + seconds
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise NoKafka(f"the broker did not start: {self._output().read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the broker in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the broker (-9)."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze the broker: connections stay, nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen broker go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process:
            self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        if self._process:
            self._process.send_signal(number)
            self._process.send_signal(signal.SIGCONT)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(_API_VERSIONS)
                return bool(connection.recv(4))
        except OSError:
            return False

    def _output(self) -> Path:
        return self.folder / "output.log"

    def _run(self, *arguments: str) -> "subprocess.Popen[bytes]":
        with self._output().open("ab") as output:
            return subprocess.Popen(
                [*_JAVA, "-cp", f"{self.jars}/*", *arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=self.folder
            )


@contextmanager
def broker(folder: Path) -> Iterator[Kafka]:
    """Give a broker in a folder; skip the test loudly where there can be none, or fail it where it must not be skipped."""
    try:
        made = Kafka(folder)
        made.start()
    except NoKafka as reason:
        if os.environ.get("ATTENDANCE_REQUIRE_KAFKA") == "1":
            pytest.fail(f"{_LOUD}: {reason}", pytrace=False)
        pytest.skip(f"{_LOUD}: {reason}")
    yield made
    made.kill()  # nobody needs what it has


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """Give a broker of this test process; whoever stops it starts it again."""
    with broker(tmp_path_factory.mktemp("kafka")) as made:
        yield made


@pytest.fixture
def empty_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """Give a broker without events: a product with empty databases would consume those of another one."""
    with broker(tmp_path_factory.mktemp("kafka")) as made:
        yield made


_LOUD = "no real Apache Kafka"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what was not tested."""
    reasons = [str(report.longrepr[-1]) for report in terminalreporter.stats.get("skipped", []) if isinstance(report.longrepr, tuple)]
    if missed := [reason for reason in reasons if _LOUD in reason]:
        text = f"{len(missed)} TESTS OF THE KAFKA TRANSPORT DID NOT RUN -- {missed[0]} (ATTENDANCE_REQUIRE_KAFKA=1 makes this a failure)"
        terminalreporter.section("KAFKA NOT TESTED", sep="!", red=True, bold=True)
        terminalreporter.line(text, red=True, bold=True)


@cache
def _need_java() -> None:
    if not shutil.which("java"):
        raise NoKafka("Java is missing")
    version = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', version)
    if not found or int(found[1]) < 17:
        raise NoKafka("Java is older than 17")


def _free_ports(count: int) -> list[int]:
    # Below the range from which outgoing connections take theirs: one of those could have it when the broker starts again.
    found: set[int] = set()
    while len(found) < count:
        port = secrets.choice(range(20_000, 32_000))
        with socket.socket() as attempt, suppress(OSError):
            attempt.bind(("127.0.0.1", port))
            found.add(port)
    return list(found)
