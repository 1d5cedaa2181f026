"""What a service consists of: the composition root that its `app.py` fills in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter
from sqlalchemy import MetaData

from shared.http.fast_path import FastPath
from shared.jobs import Job
from shared.messaging import EventHandlers
from shared.messaging.retention import trim

HOURLY: Mapping[str, Job] = {"retention": trim}
"""The jobs of every service, each done once an hour."""


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
    row_security: bool = False
    """Some tables are under row security: every request sets whose rows it sees."""

    @property
    def every_job(self) -> Mapping[str, Job]:
        """The service's jobs and those that every service has, by name."""
        return {**HOURLY, **self.jobs}
