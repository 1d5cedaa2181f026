"""What the service is made of."""

from pathlib import Path

from services.prosecutions.api import router
from services.prosecutions.consumers import consumers
from services.prosecutions.invariants import INVARIANTS
from services.prosecutions.recovery import recovery
from services.prosecutions.tables import METADATA
from services.prosecutions.use_cases.dates import date_files
from services.prosecutions.use_cases.state import COMPARISONS, STATE
from shared.service import Service

SERVICE = Service(
    name="prosecutions",
    title="Prosecutions",
    summary="Court files: evidence, gates, time limits, outcomes, bundles",
    metadata=METADATA,
    migrations=Path(__file__).parent / "migrations",
    routers=[router],
    consumers=consumers,
    recovery=recovery,
    invariants=INVARIANTS,
    state=STATE,
    comparisons=COMPARISONS,
    jobs={"files opened ahead": date_files},
    row_security=True,
)
