"""Court files, written."""

from sqlalchemy.dialects.postgresql import insert as upsert

from services.penalties.case_file.domain.facts import CourtFile
from services.penalties.tables import values_of
from services.penalties.tables.cases import court_files
from shared.database import Transaction


async def save_court_file(tx: Transaction, file: CourtFile) -> None:
    """Store a court file as it now is."""
    values = values_of(court_files, file)
    await tx.execute(upsert(court_files).values(values).on_conflict_do_update(index_elements=["id"], set_=values))
