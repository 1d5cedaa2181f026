"""What a service consists of: the composition root that its `app.py` fills in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter
from sqlalchemy import MetaData

from shared.comparisons import Find
from shared.database import Database
from shared.http.fast_path import FastPath
from shared.invariants import SHARED, Invariant, check_and_store
from shared.jobs import Job
from shared.messaging import EventHandlers
from shared.messaging.messages import Transport
from shared.messaging.recovery import Recovery
from shared.messaging.retention import trim
from shared.messaging.state import StateKind

INVARIANTS = "invariants"
"""The job that looks for states that must never exist, whatever the clock shows."""


@dataclass(frozen=True)
class Service:
    """One service, ready to be run as api, worker or migration."""

    name: str
    title: str
    summary: str
    metadata: MetaData
    migrations: Path
    routers: Sequence[APIRouter]
    consumers: EventHandlers | None = None
    jobs: Mapping[str, Job] = field(default_factory=dict)
    fast_paths: Sequence[FastPath] = ()
    invariants: Sequence[Invariant] = ()
    comparisons: Mapping[str, Find] = field(default_factory=dict)
    """Facts that another service holds too, by name."""
    state: Sequence[StateKind] = ()
    """What it holds and can publish again: first what its readers judge the rest by."""
    judges_events: bool = False
    """Its responses are as good as what it has read: it is not ready while something waits to be read for more than a minute."""
    recovery: Callable[[Transport], Recovery] | None = None
    """How it brings back what its database lost by going back to an old copy; None: only a newer copy does."""
    row_security: bool = False
    """Some tables are under row security: every request sets whose rows it sees."""

    @property
    def every_invariant(self) -> Sequence[Invariant]:
        """The states that must never exist: the service's own and those of every service."""
        return (*SHARED, *self.invariants)

    @property
    def topics(self) -> Sequence[str]:
        """The topic that the service publishes, and those that it consumes."""
        return (self.name, *(self.consumers.topics if self.consumers else ()))

    @property
    def hourly_jobs(self) -> Mapping[str, Job]:
        """The jobs that every service has, each done once an hour."""
        return {"retention": trim, INVARIANTS: self._check_invariants}

    @property
    def every_job(self) -> Mapping[str, Job]:
        """The service's jobs and those that every service has, by name."""
        return {**self.hourly_jobs, **self.jobs}

    async def _check_invariants(self, database: Database) -> int:
        await check_and_store(database, self.every_invariant)
        return 0
