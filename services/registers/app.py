"""The service, put together."""

from pathlib import Path

import services.registers.certificates.api
import services.registers.engagement.api
import services.registers.families.api
import services.registers.imports.api
import services.registers.leave.api
import services.registers.sickness.api
import services.registers.statistics.api
import services.registers.unresolved.api
from services.registers.imports.use_cases.releasing import store_waiting_marks
from services.registers.imports.use_cases.retention import delete_files, delete_reports
from services.registers.imports.use_cases.running import Importer
from services.registers.invariants import INVARIANTS
from services.registers.leave.use_cases.requests import delete_leave_requests
from services.registers.marks.api import codes, flags, registers, releases
from services.registers.marks.use_cases.release import release_in_pieces
from services.registers.pupils.api import differences, matches, mergers, pupils
from services.registers.recovery.use_cases import recovery
from services.registers.schools.api import policies, schools
from services.registers.state.use_cases import COMPARISONS, STATE
from services.registers.statistics.use_cases import count_totals
from services.registers.tables import METADATA
from services.registers.unresolved.use_cases import date_reasons, judge_overdue_again, publish_overdue
from shared.service import Service

SERVICE = Service(
    name="registers",
    title="Registers",
    summary="Schools, calendars, pupils, parents, and every mark of the register in every version.",
    metadata=METADATA,
    migrations=Path(__file__).parent / "migrations",
    routers=(
        schools.router,
        pupils.schools_router,
        services.registers.unresolved.api.calendars_router,
        pupils.router,
        registers.router,
        matches.router,
        differences.router,
        mergers.router,
        codes.router,
        services.registers.unresolved.api.router,
        services.registers.certificates.api.router,
        flags.router,
        services.registers.sickness.api.router,
        releases.router,
        services.registers.statistics.api.router,
        services.registers.engagement.api.router,
        services.registers.families.api.router,
        services.registers.imports.api.router,
        policies.router,
        services.registers.leave.api.router,
    ),
    jobs={
        "last days for reasons": date_reasons,
        "reasons overdue": publish_overdue,
        "reasons overdue too early": judge_overdue_again,
        "imports": Importer(),
        "marks of schools that were not known": store_waiting_marks,
        release_in_pieces.name: release_in_pieces,
        "files of imports": delete_files,
        "reports of imports": delete_reports,
        "requests for leave": delete_leave_requests,
        "totals of months": count_totals,
    },
    fast_paths=registers.FAST_PATHS,
    row_security=True,
    recovery=recovery,
    invariants=INVARIANTS,
    state=STATE,
    comparisons=COMPARISONS,
)
