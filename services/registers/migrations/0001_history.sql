-- Nothing is overwritten without its history, whichever statement does it. `UPDATE OF stored_at`: counters and what was published last
-- are no facts, and are raised without touching it. The owner keeps what was replaced, whoever replaces it, and nobody else adds to it.
CREATE TABLE superseded (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_superseded PRIMARY KEY,
    kind text NOT NULL,
    was jsonb NOT NULL,
    superseded_at timestamptz NOT NULL DEFAULT now(),
    superseded_by text
);
CREATE INDEX ix_superseded_kind ON superseded (kind, id);

CREATE FUNCTION keep_superseded() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO superseded (kind, was, superseded_by) VALUES (TG_TABLE_NAME, to_jsonb(OLD), NEW.stored_by);
    RETURN NEW;
END $$;

CREATE FUNCTION keep_mark_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO mark_versions (pupil_id, date, urn, revision, version, minutes_late, session, code, superseded_revision)
    VALUES (OLD.pupil_id, OLD.date, OLD.urn, OLD.revision, OLD.version, OLD.minutes_late, OLD.session, OLD.code, NEW.revision);
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_mark_version BEFORE UPDATE ON marks FOR EACH ROW EXECUTE FUNCTION keep_mark_version();

CREATE FUNCTION refuse_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are kept until their retention ends', TG_TABLE_NAME;
END $$;
-- The job that deletes requests at the end of their retention names them in the setting.
CREATE TRIGGER refuse_deletion BEFORE DELETE ON leave_requests FOR EACH ROW
    WHEN (current_setting('app.deletes', true) IS DISTINCT FROM 'leave_requests') EXECUTE FUNCTION refuse_deletion();

-- A decision about two records of a child is added, taken back once, and never changed or deleted.
CREATE FUNCTION keep_merger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.undone_at IS NOT NULL
       OR (NEW.id, NEW.survivor, NEW.absorbed, NEW.reason, NEW.decided_at, NEW.decided_by, NEW.role, NEW.wrong_birth, NEW.wrong_birth_reason)
          IS DISTINCT FROM
          (OLD.id, OLD.survivor, OLD.absorbed, OLD.reason, OLD.decided_at, OLD.decided_by, OLD.role, OLD.wrong_birth, OLD.wrong_birth_reason)
    THEN
        RAISE EXCEPTION 'a merger is kept as it was decided';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_merger BEFORE UPDATE OR DELETE ON pupil_mergers FOR EACH ROW EXECUTE FUNCTION keep_merger();

-- A decision about leave stands as it was made, also when the request is withdrawn.
CREATE FUNCTION refuse_second_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'withdrawn' THEN
        RAISE EXCEPTION 'leave that was withdrawn stays so';
    END IF;
    IF OLD.state <> 'asked' AND (NEW.state <> 'withdrawn'
        OR (NEW.code, NEW.decision_reason, NEW.decided_on, NEW.decided_at, NEW.decided_by, NEW.decided_role, NEW.late, NEW.findings)
           IS DISTINCT FROM
           (OLD.code, OLD.decision_reason, OLD.decided_on, OLD.decided_at, OLD.decided_by, OLD.decided_role, OLD.late, OLD.findings)) THEN
        RAISE EXCEPTION 'a decision about leave is made once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decided_once BEFORE UPDATE ON leave_requests FOR EACH ROW EXECUTE FUNCTION refuse_second_decision();

-- A school's roll has a version of its own after every change: a roll kept in memory is recognised by it.
CREATE FUNCTION renew_roll_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE schools SET roll_version = gen_random_uuid() WHERE urn IN (SELECT urn FROM changed);
    RETURN NULL;
END $$;
CREATE TRIGGER renew_roll_version_insert AFTER INSERT ON roll_spells
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION renew_roll_version();
CREATE TRIGGER renew_roll_version_update AFTER UPDATE ON roll_spells
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION renew_roll_version();
CREATE TRIGGER renew_roll_version_delete AFTER DELETE ON roll_spells
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION renew_roll_version();

-- Every record of the child of whom this is one.
CREATE FUNCTION records_of(pupil uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    WITH child (id) AS (SELECT coalesce((SELECT survivor FROM pupil_mergers WHERE absorbed = pupil AND undone_at IS NULL), pupil))
    SELECT id FROM child UNION ALL SELECT absorbed FROM pupil_mergers JOIN child ON survivor = child.id WHERE undone_at IS NULL
$$;

-- The schools of the transaction; a school that continues others has their marks.
CREATE FUNCTION own_schools() RETURNS integer[] LANGUAGE sql STABLE AS $$
    WITH RECURSIVE own (urn) AS (
        SELECT unnest(CAST(string_to_array(current_setting('app.schools', true), ',') AS integer[]))
        UNION SELECT predecessor FROM successions JOIN own USING (urn)
    )
    SELECT array_agg(urn) FROM own
$$;

-- The login role owns no table, so this runs as the owner. The first register of a month makes its partition, whether it is today's or
-- six years old; the others of that moment wait a few milliseconds. No default partition: rows in it would block making the right one.
-- CREATE TABLE and then ATTACH, because that does not lock out the registers of other months. `to_regclass` answers from the session's
-- cache, which may still hold that there is no such table after the wait for the lock; a statement on the catalogue sees what was committed
-- before it began. Each partition is closed to whoever does not come through its parent, whose policy then decides.
CREATE FUNCTION make_mark_partitions(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first date := date_trunc('month', day);
    parent text;
    month text;
BEGIN
    IF day NOT BETWEEN '2006-09-01' AND '2099-12-31' THEN
        RAISE EXCEPTION 'no partition for %', day;
    END IF;
    PERFORM pg_advisory_xact_lock(881003);  -- Lock.MONTHLY_PARTITION
    FOREACH parent IN ARRAY ARRAY['marks', 'mark_versions'] LOOP
        month := parent || to_char(first, '"_y"YYYY"m"MM');
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relname = month AND relnamespace = 'public'::regnamespace) THEN
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', month, parent);
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', month);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                           parent, month, first, (first + interval '1 month')::date);
        END IF;
    END LOOP;
END $$;
