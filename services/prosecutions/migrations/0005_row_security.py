"""Who sees which rows: files of their authority, and what belongs to those."""

from alembic import op

from shared.database.row_security import OWN_AREA, conditions

revision = "0005"
down_revision = "0004"

_OF_FILE = "EXISTS (SELECT FROM files WHERE files.id = {table}.file_id)"

SEEN = {
    "files": f"la_code = {OWN_AREA}",
    **{table: _OF_FILE.format(table=table) for table in ("steps", "gate_answers", "holds")},
    "notice_states": "EXISTS (SELECT FROM files WHERE files.notice_id = notice_states.notice_id)",
    # Of a pupil about whom there is a file that is seen, on whichever record of the child.
    "mark_changes": "EXISTS (SELECT FROM files WHERE files.pupil_id IN (SELECT records_of(mark_changes.pupil_id)))",
    "pupils": "EXISTS (SELECT FROM files WHERE files.pupil_id IN (SELECT records_of(pupils.id)))",
    "former_upns": "EXISTS (SELECT FROM files WHERE files.pupil_id IN (SELECT records_of(former_upns.pupil_id)))",
}
"""No school's token comes here. The platform's tables are open: what they hold is the relay's and the consumers', who see everything."""


def upgrade() -> None:
    """Bind the tables. `records_of` reads `pupils` as its owner: which records are one child's does not depend on who asks."""
    op.execute("ALTER FUNCTION records_of(uuid) SECURITY DEFINER SET search_path = public")
    for statement in conditions(SEEN):
        op.execute(statement)


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
