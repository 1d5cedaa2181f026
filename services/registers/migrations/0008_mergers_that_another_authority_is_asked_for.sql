CREATE TABLE merger_proposals (
    id uuid CONSTRAINT pk_merger_proposals PRIMARY KEY,
    own_upn text NOT NULL,
    other_upn text NOT NULL,
    la_code text NOT NULL,
    reason text NOT NULL,
    proposed_at timestamptz NOT NULL,
    proposed_by text NOT NULL,
    proposed_role text NOT NULL,
    status text NOT NULL DEFAULT 'open',
    decided_at timestamptz,
    decided_by text,
    decided_role text,
    decision_reason text,
    merger_id uuid CONSTRAINT fk_merger_proposals_merger_id_pupil_mergers REFERENCES pupil_mergers (id),
    CONSTRAINT ck_merger_proposals_status CHECK (status IN ('open', 'confirmed', 'refused')),
    CONSTRAINT ck_merger_proposals_decided CHECK ((status = 'open') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX uq_merger_proposals_open ON merger_proposals (own_upn, other_upn, la_code) WHERE status = 'open';
CREATE INDEX ix_merger_proposals_merger_id ON merger_proposals (merger_id);

-- A proposal is decided once, and never deleted.
CREATE FUNCTION keep_merger_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.status <> 'open' THEN
        RAISE EXCEPTION 'a proposal is kept as it was decided';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_merger_proposal BEFORE UPDATE OR DELETE ON merger_proposals FOR EACH ROW EXECUTE FUNCTION keep_merger_proposal();

ALTER TABLE merger_proposals ENABLE ROW LEVEL SECURITY;
CREATE POLICY reach ON merger_proposals USING (
    (SELECT current_setting('app.sees', true)) = 'everything' OR la_code = (SELECT current_setting('app.la', true))
    OR EXISTS (SELECT FROM upns WHERE upns.upn = merger_proposals.own_upn)
);
