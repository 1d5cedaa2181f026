SET LOCAL lock_timeout = '5s';
ALTER TABLE imports ADD warnings jsonb NOT NULL DEFAULT '[]', ADD noted bigint NOT NULL DEFAULT 0, ADD readings text;
ALTER TABLE import_refusals ADD stored boolean NOT NULL DEFAULT false;
ALTER TABLE pupils_at_schools ADD admission_number text;
CREATE INDEX ix_schools_la_code_establishment_number ON schools (la_code, establishment_number);
CREATE TABLE waiting_marks (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_waiting_marks PRIMARY KEY,
    import_id uuid NOT NULL CONSTRAINT fk_waiting_marks_import_id REFERENCES imports (id),
    number bigint NOT NULL, line integer NOT NULL, school text NOT NULL, upn text NOT NULL, person jsonb,
    date date NOT NULL, session text NOT NULL, code text NOT NULL, minutes_late smallint
);
CREATE INDEX ix_waiting_marks_school ON waiting_marks (school, import_id, id);
CREATE INDEX ix_waiting_marks_import_id ON waiting_marks (import_id);
ALTER TABLE waiting_marks ENABLE ROW LEVEL SECURITY;
CREATE POLICY reach ON waiting_marks USING (
    (SELECT current_setting('app.sees', true)) = 'everything' OR EXISTS (SELECT FROM imports WHERE imports.id = waiting_marks.import_id)
);
-- What is stored already is found unchanged when the file is read again; lines of a file have an order by their age now.
DELETE FROM import_refusals USING imports WHERE imports.id = import_refusals.import_id AND imports.state = 'running';
UPDATE imports SET position = 0, recorded = 0, amended = 0, unchanged = 0, ignored = 0, rejected = 0 WHERE state = 'running';
