"""The service, put together."""

from pathlib import Path

from services.registers.certificates.api import router as certificates_router
from services.registers.imports.api import router as imports_router
from services.registers.imports.use_cases.retention import delete_files, delete_reports
from services.registers.imports.use_cases.running import Importer
from services.registers.leave.api import router as leave_router
from services.registers.leave.use_cases.retention import delete_leave_requests
from services.registers.marks.api import codes, flags, registers
from services.registers.pupils.api import matches, pupils, rolls, same_child
from services.registers.pupils.api.schools import router as school_changes_router
from services.registers.schools.api import policies, schools
from services.registers.statistics.api import router as statistics_router
from services.registers.tables import METADATA
from services.registers.unresolved.api import calendars_router
from services.registers.unresolved.api import router as unresolved_router
from services.registers.unresolved.use_cases import date_reasons, publish_overdue
from shared.service import Service

SERVICE = Service(
    name="registers",
    title="Registers",
    summary="Schools, calendars, pupils, parents, and every mark of the register in every version.",
    metadata=METADATA,
    migrations=Path(__file__).parent / "migrations",
    routers=(
        schools.router,
        school_changes_router,
        calendars_router,
        pupils.router,
        registers.router,
        matches.router,
        codes.router,
        unresolved_router,
        certificates_router,
        flags.router,
        statistics_router,
        imports_router,
        rolls.router,
        policies.router,
        leave_router,
        same_child.router,
    ),
    jobs={
        "last days for reasons": date_reasons,
        "reasons overdue": publish_overdue,
        "imports": Importer(),
        "files of imports": delete_files,
        "reports of imports": delete_reports,
        "requests for leave": delete_leave_requests,
    },
    fast_paths=registers.FAST_PATHS,
    row_security=True,
)
