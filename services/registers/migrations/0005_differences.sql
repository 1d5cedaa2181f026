-- What counts of a person stands with the pupil; what each school recorded stands where it always stood.
ALTER TABLE pupils
    ADD COLUMN forename text NOT NULL DEFAULT '',
    ADD COLUMN surname text NOT NULL DEFAULT '',
    ADD COLUMN confirmed boolean NOT NULL DEFAULT false;

ALTER TABLE pupils_at_schools
    ADD COLUMN claim text NOT NULL DEFAULT 'accepted',
    ADD COLUMN answered boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT ck_pupils_at_schools_claim CHECK (claim IN ('accepted', 'waiting', 'confirmed', 'refused'));
CREATE INDEX ix_pupils_at_schools_unconfirmed ON pupils_at_schools (urn) WHERE claim IN ('waiting', 'refused');

CREATE TABLE pupil_differences (
    id uuid CONSTRAINT pk_pupil_differences PRIMARY KEY,
    pupil_id uuid NOT NULL CONSTRAINT fk_pupil_differences_pupil_id_pupils REFERENCES pupils (id),
    opened_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz
);
CREATE UNIQUE INDEX uq_pupil_differences_open ON pupil_differences (pupil_id) WHERE closed_at IS NULL;

CREATE TABLE difference_decisions (
    id uuid CONSTRAINT pk_difference_decisions PRIMARY KEY,
    difference_id uuid NOT NULL CONSTRAINT fk_difference_decisions_difference_id_pupil_differences REFERENCES pupil_differences (id),
    urn integer NOT NULL,
    claims jsonb NOT NULL,
    reason text NOT NULL,
    decided_at timestamptz NOT NULL,
    decided_by text NOT NULL,
    role text NOT NULL
);
CREATE INDEX ix_difference_decisions_difference_id ON difference_decisions (difference_id);

-- The name that was shown until now was that of the school that sent the pupil last.
UPDATE pupils SET forename = latest.forename, surname = latest.surname
FROM (
    SELECT DISTINCT ON (pupil_id) pupil_id, forename, surname FROM pupils_at_schools ORDER BY pupil_id, stored_at DESC, urn
) AS latest
WHERE latest.pupil_id = pupils.id;

-- Names are compared as the code does: without case, accents, spaces, hyphens and the like.
INSERT INTO pupil_differences (id, pupil_id)
SELECT gen_random_uuid(), pupils.id FROM pupils
WHERE EXISTS (
    SELECT FROM pupils_at_schools AS here
    WHERE here.pupil_id = pupils.id AND (
        here.date_of_birth <> pupils.date_of_birth
        OR regexp_replace(lower(normalize(here.forename, NFKD)), '[^[:alnum:]]', '', 'g')
            <> regexp_replace(lower(normalize(pupils.forename, NFKD)), '[^[:alnum:]]', '', 'g')
        OR regexp_replace(lower(normalize(here.surname, NFKD)), '[^[:alnum:]]', '', 'g')
            <> regexp_replace(lower(normalize(pupils.surname, NFKD)), '[^[:alnum:]]', '', 'g')
    )
);

CREATE TRIGGER refuse_deletion BEFORE DELETE ON pupil_differences FOR EACH ROW EXECUTE FUNCTION refuse_deletion();
CREATE TRIGGER refuse_deletion BEFORE UPDATE OR DELETE ON difference_decisions FOR EACH ROW EXECUTE FUNCTION refuse_deletion();

ALTER TABLE pupil_differences ENABLE ROW LEVEL SECURITY;
CREATE POLICY reach ON pupil_differences USING (
    (SELECT current_setting('app.sees', true)) = 'everything'
    OR EXISTS (SELECT FROM pupils_at_schools AS here WHERE here.pupil_id = pupil_differences.pupil_id)
);
ALTER TABLE difference_decisions ENABLE ROW LEVEL SECURITY;
CREATE POLICY reach ON difference_decisions USING (
    (SELECT current_setting('app.sees', true)) = 'everything'
    OR EXISTS (SELECT FROM pupil_differences WHERE pupil_differences.id = difference_decisions.difference_id)
);
