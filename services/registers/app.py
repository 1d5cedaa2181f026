"""The service, put together."""

from pathlib import Path

from services.registers.api import FAST_PATHS, ROUTERS
from services.registers.consumers import consumers
from services.registers.tables import metadata
from services.registers.use_cases import reasons
from services.registers.use_cases.forgetting import delete_leave_requests
from services.registers.use_cases.imports.forgetting import delete_files, delete_reports
from services.registers.use_cases.imports.running import Importer
from shared.service import Service

SERVICE = Service(
    name="registers",
    title="Registers",
    summary="Schools, calendars, pupils, parents, and every mark of the register in every version.",
    metadata=metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=ROUTERS,
    consumers=consumers,
    jobs={
        "last days for reasons": reasons.date_reasons,
        "reasons overdue": reasons.say_overdue,
        "imports": Importer(),
        "files of imports": delete_files,
        "reports of imports": delete_reports,
        "requests for leave": delete_leave_requests,
    },
    fast_paths=FAST_PATHS,
    row_security=True,
)
