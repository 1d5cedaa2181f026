"""What the service is made of."""

from pathlib import Path

from services.thresholds.api import router
from services.thresholds.consumers import consumers
from services.thresholds.invariants import INVARIANTS
from services.thresholds.recovery import recovery
from services.thresholds.tables import METADATA
from services.thresholds.use_cases.state import COMPARISONS, STATE
from shared.service import Service

SERVICE = Service(
    name="thresholds",
    title="Thresholds",
    summary="Ten sessions of unauthorised absence in ten school weeks, and what relies on them",
    metadata=METADATA,
    migrations=Path(__file__).parent / "migrations",
    routers=[router],
    consumers=consumers,
    recovery=recovery,
    invariants=INVARIANTS,
    state=STATE,
    comparisons=COMPARISONS,
    judges_events=True,
)
