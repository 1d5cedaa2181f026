"""Faults from which a person leads the product back, with the commands of docs/operations.md."""

import asyncio
import time
from collections import Counter
from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from importlib import import_module

import psycopg

from shared.http import tokens
from shared.messaging.log_damage import find_damage
from shared.pauses import LONGEST_ABSENCE
from shared.settings import SERVICES
from tests.chaos.client import Violation
from tests.chaos.copies import DATABASES, Copies
from tests.chaos.faults import Fault, Faults, named
from tests.journeys.product import eventually

DAYS_OFF = {"forty_days_off": 40, "fifty_days_off": 50}
"""After the longer absence what fell due meanwhile waits for a person. Each comes once: with more, a referral would come too late for a court."""
WRONG_BY = {"sixty days ahead": 60 * 86_400, "two hours ahead": 2 * 3600, "two hours behind": -2 * 3600}
TOKEN_SECONDS = tokens.LIFETIME.total_seconds()
"""Under a clock that is further ahead the clients' tokens have run out."""
DAMAGES = (
    "DROP TABLE log_events",
    "DROP TABLE log_partitions",
    "DROP TABLE log_readers",
    "DELETE FROM log_events WHERE topic = 'registers' AND \"offset\" >= (SELECT max(\"offset\") FROM log_events WHERE topic = 'registers')",
    "DELETE FROM log_events WHERE topic = 'registers' AND \"offset\" = (SELECT max(\"offset\") - 1 FROM log_events WHERE topic = 'registers')",
)
_AGED = {"outbox": "published_at", "inbox": "received_at", "due_work_pause": "worked_at"}
"""What is kept for a time, or asks how long a service was away."""
BY = ("--by", "Ann Operator")


class OperatorFaults:
    """The faults that end with an operator's commands; each begins with a product that accepts requests."""

    def __init__(self, faults: Faults) -> None:
        self.faults, self.product, self.chance = faults, faults.product, faults.chance
        self.copies = Copies(faults.product)
        self._times: Counter[str] = Counter()
        self._damages = [*DAMAGES]
        self.chance.shuffle(self._damages)

    def kinds(self) -> list[Fault]:
        """Return every kind of fault that may come as often as it likes."""
        old_copies = [named(f"old_copy_of_{name}", partial(self.old_copy, name)) for name in DATABASES]
        return [*old_copies, self.damaged_log, self.wrong_clock]

    def once(self) -> list[Fault]:
        """Return every kind of fault that comes once."""
        return [named(name, partial(self.long_absence, days)) for name, days in DAYS_OFF.items()]

    def old_copy(self, name: str) -> None:
        """Let a database go back: it is noticed, named, and brought back, in the second half of the cases by the service's recovery."""
        self._times[name] += 1
        recovers = name in SERVICES and import_module(f"services.{name}.app").SERVICE.recovery and self._times[name] % 2 == 0
        self.faults.rest()
        with self.faults.no_requests() if recovers else nullcontext():
            if recovers:  # what was not published yet would be in no event
                eventually(f"{name} has published everything", lambda: not self._unpublished(name))
            self._stop()
            missing = self.copies.restore(name)
            self.product.begin()
            if missing:
                self._expect_refusal(name, missing)
            if missing and not (recovers and self._recover(name)):
                self._stop()
                self.copies.bring_newer(name)
                self.product.begin()
            else:
                self.copies.keep(name)
        self.copies.take(name)

    def _unpublished(self, name: str) -> bool:
        return bool(self.product.query(name, "SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1"))

    def _stop(self) -> None:
        self.faults.end_second_worker()
        self.product.kill()
        eventually("the database accepts connections", self.product.accepts_queries)

    def _expect_refusal(self, name: str, missing: int) -> None:
        def refused() -> str | None:
            answer = self.product.answers_ready(name)
            body = answer.json() if answer is not None else {}
            if answer is not None and answer.status_code == 200:
                raise Violation(f"{name} works with an old copy of its database, which lacks {missing} events")
            return body["detail"] if body.get("type") == "/problems/database-is-older" else None

        named = eventually(f"{name} refuses to work with an old copy", refused)
        if f"holds {missing} events" not in named:
            raise Violation(f"{name} lacks {missing} events and says: {named}")

    def _recover(self, name: str) -> bool:
        """Recover a service as an operator would; return whether everything came back, or else expect that each rest is listed."""
        done = self.product.attendance("recover", name, *BY)
        failed = [
            line for line in done.stderr.splitlines() if "the log was lost and begins anew" not in line
        ]  # since the copy: `log reset`
        if done.returncode not in {0, 1} or failed:
            raise Violation(f"attendance recover {name} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        if "send these pupils again" in done.stdout:
            return False  # the schools would, and their parents would get other ids: here the newer copy is brought
        if done.returncode == 1:
            if "a person must look at:" not in done.stdout:
                raise Violation(f"attendance recover {name} brought not everything back and names nothing:\n{done.stdout}")
            return False
        for client in self.faults.clients:
            client.recovered.add(name)
        self.product.kill()  # a comparison follows at every start, otherwise within a minute
        self.product.begin()
        return True

    def damaged_log(self) -> None:
        """Damage the log of events, which is found; make it anew as the operator's page says."""
        self.faults.rest()
        self.faults.await_answer()
        damage = self._damages[self._times["damage"] % len(self._damages)]
        self._times["damage"] += 1
        eventually("the log has something to lose", lambda: self._damage(damage))
        if not asyncio.run(find_damage(self.product.addresses()["ATTENDANCE_LOG_DATABASE_URL"])):
            raise Violation(f"nobody finds that the log is damaged by {damage}")
        time.sleep(self.chance.random())
        self.faults.end_second_worker()
        if self.product.processes["up"].stop() != 0:
            raise Violation(f"with a damaged log the product did not end well:\n{self.product.logs()}")
        done = self.product.attendance("log", "reset", "--yes")
        if done.returncode:
            raise Violation(f"attendance log reset ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        self.product.begin()
        eventually("the database accepts connections", self.product.accepts_queries)
        self.copies.take("log")  # an older one would be another log, whose events the outboxes need not have any more

    def _damage(self, damage: str) -> bool:
        with psycopg.connect(self.product.log_database(), connect_timeout=30) as log:
            return log.execute(damage.encode()).rowcount != 0  # a table that is dropped counts no rows

    def wrong_clock(self) -> None:
        """Let the clock be wrong for a while: due work waits, and goes on when the clock is right, or confirmed."""
        self.faults.rest()
        seconds = WRONG_BY[self.chance.choice([*WRONG_BY])]
        with self.faults.no_requests(of_officers_only=abs(seconds) < TOKEN_SECONDS):
            self.product.set_clock(wrong_by=seconds)
            restarted = self.chance.random() < 0.5
            if restarted:
                self.faults.end_second_worker()  # its own clock would be right again, and of two workers that one works
                self.product.kill()
                self.product.begin()
                self._expect_pauses("clock")
            else:
                time.sleep(self.chance.uniform(1, 4))
            self.product.set_clock(wrong_by=0)
            if restarted:  # of a process that began under a wrong clock only a person knows that the right one is right
                self._resume()
        eventually("due work goes on", lambda: not self.product.pauses())

    def _expect_pauses(self, cause: str) -> None:
        def all_paused() -> bool:
            return self.product.accepts_queries() and self.product.pauses() == dict.fromkeys(SERVICES, cause)

        eventually(f"due work is paused in every service ({cause})", all_paused)

    def _resume(self) -> None:
        self.faults.rest()
        done = self.product.attendance("resume", *BY, "--reason", "The dates are right")
        if done.returncode:
            raise Violation(f"attendance resume ended with {done.returncode}:\n{done.stdout}{done.stderr}")

    def long_absence(self, days: int) -> None:
        """Kill the product and start it as if weeks had passed: for everything that it keeps for a time, and for what is due."""
        self.faults.rest()
        self.faults.await_answer()
        self._stop()
        for service in SERVICES:
            self._age(self.product.database(service), _AGED, days)
        self._age(self.product.log_database(), {"log_events": "appended_at"}, days)
        self.product.pass_days(days)
        self.copies.take()  # an older one than what is kept could not be brought up to date
        self.product.begin()
        if timedelta(days) > LONGEST_ABSENCE:
            self._expect_pauses("absence")
            self._resume()
        eventually("due work goes on", lambda: not self.product.pauses())

    def _age(self, address: str, columns: dict[str, str], days: int) -> None:
        with psycopg.connect(address, connect_timeout=30) as connection:
            for table, column in columns.items():
                connection.execute(f"UPDATE {table} SET {column} = {column} - interval '{days} days'")
