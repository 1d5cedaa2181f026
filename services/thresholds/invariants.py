"""States of pupils and their runs that must never exist."""

from shared.invariants import Invariant

INVARIANTS = (
    Invariant("a pupil has met the threshold in no run", "SELECT id FROM pupils WHERE status = 'met' AND run_id IS NULL"),
    Invariant(
        "a run is open and its pupil has not met the threshold", "SELECT id FROM pupils WHERE status <> 'met' AND run_id IS NOT NULL"
    ),
    Invariant(
        "a run is open whose case was closed",
        "SELECT pupils.id FROM pupils JOIN closed_cases ON closed_cases.pupil_id = pupils.id AND closed_cases.run_id = pupils.run_id",
    ),
    Invariant(
        "the last step of an open run is not that the threshold was met",
        """SELECT pupils.id FROM pupils WHERE run_id IS NOT NULL AND coalesce(
               (SELECT step FROM run_steps WHERE run_steps.run_id = pupils.run_id ORDER BY revision DESC LIMIT 1), 'none') <> 'met'""",
    ),
    Invariant(
        "an open run is of another revision than its last step",
        """SELECT pupils.id FROM pupils WHERE run_id IS NOT NULL AND run_revision IS DISTINCT FROM
               (SELECT max(revision) FROM run_steps WHERE run_steps.run_id = pupils.run_id)""",
    ),
    Invariant(
        "a record that is another one's has a run of its own", "SELECT id FROM pupils WHERE same_as IS NOT NULL AND run_id IS NOT NULL"
    ),
    Invariant("a pupil left a roll before coming to it", "SELECT DISTINCT pupil_id FROM rolls WHERE left_on < admitted_on"),
    Invariant(
        "a pupil is on a roll of which no event has arrived",
        "SELECT DISTINCT rolls.pupil_id FROM rolls LEFT JOIN pupils ON pupils.id = rolls.pupil_id WHERE coalesce(pupils.roll_revision, 0) = 0",
    ),
    Invariant("a notice gives its sessions back and was not withdrawn", "SELECT id FROM reliances WHERE restores AND withdrawn_on IS NULL"),
    Invariant(
        "sessions are charged by something else than a court file",
        "SELECT id FROM reliances WHERE kind <> 'prosecution-file' AND charged <> '[]'",
    ),
)
