"""UPNs over time, schools that continue others, attendance policies, on what a parent's liability rests, matches that can be undone."""

from alembic import op

revision = "0006"
down_revision = "0005"

_STATEMENTS = """
CREATE TABLE upns (
    upn text NOT NULL CONSTRAINT pk_upns PRIMARY KEY,
    pupil_id uuid NOT NULL CONSTRAINT fk_upns_pupil_id REFERENCES pupils (id)
);
CREATE INDEX ix_upns_pupil_id ON upns (pupil_id);
INSERT INTO upns (upn, pupil_id) SELECT upn, id FROM pupils;

CREATE TABLE upn_changes (
    id uuid NOT NULL CONSTRAINT pk_upn_changes PRIMARY KEY,
    pupil_id uuid NOT NULL CONSTRAINT fk_upn_changes_pupil_id REFERENCES pupils (id),
    was text NOT NULL,
    became text NOT NULL,
    reason text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by text NOT NULL,
    role text NOT NULL
);
CREATE INDEX ix_upn_changes_pupil_id ON upn_changes (pupil_id);

CREATE TABLE successions (
    urn integer NOT NULL CONSTRAINT fk_successions_urn REFERENCES schools (urn),
    predecessor integer NOT NULL CONSTRAINT fk_successions_predecessor REFERENCES schools (urn),
    since date NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    stored_by text NOT NULL,
    CONSTRAINT pk_successions PRIMARY KEY (urn, predecessor),
    CONSTRAINT ck_successions_two_schools CHECK (urn <> predecessor)
);
CREATE INDEX ix_successions_predecessor ON successions (predecessor);

CREATE TABLE attendance_policies (
    urn integer NOT NULL CONSTRAINT fk_attendance_policies_urn REFERENCES schools (urn),
    since date NOT NULL,
    senior_attendance_champion jsonb NOT NULL,
    day_to_day_contact jsonb NOT NULL,
    legal_consequences_wording text NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    stored_by text NOT NULL,
    CONSTRAINT pk_attendance_policies PRIMARY KEY (urn, since)
);

CREATE TABLE match_undoings (
    id uuid NOT NULL CONSTRAINT pk_match_undoings PRIMARY KEY,
    match_id uuid NOT NULL CONSTRAINT fk_match_undoings_match_id REFERENCES parent_matches (id),
    was jsonb NOT NULL,
    reason text NOT NULL,
    undone_at timestamptz NOT NULL DEFAULT now(),
    undone_by text NOT NULL,
    role text NOT NULL
);
CREATE INDEX ix_match_undoings_match_id ON match_undoings (match_id);

ALTER TABLE pupil_parents ADD COLUMN liability_basis text
    CONSTRAINT ck_pupil_parents_liability_basis CHECK (liability_basis IN ('natural-parent', 'parental-responsibility', 'care'));
ALTER TABLE parent_matches ADD COLUMN absorbed uuid, ADD COLUMN absorbed_with jsonb;
"""


def upgrade() -> None:
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            op.execute(statement)
    for table in ("successions", "attendance_policies"):
        op.execute(
            f"CREATE TRIGGER keep_superseded BEFORE UPDATE OF stored_at ON {table} FOR EACH ROW EXECUTE FUNCTION keep_superseded()"
        )
        op.execute(f"CREATE TRIGGER refuse_deletion BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_deletion()")
    for table in ("upns", "upn_changes", "match_undoings"):
        op.execute(f"CREATE TRIGGER refuse_deletion BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_deletion()")


def downgrade() -> None:
    raise NotImplementedError
