"""States of letters that must never exist."""

from shared.invariants import Invariant

INVARIANTS = (
    Invariant(
        "a letter is served without a proof",
        """SELECT id FROM letters WHERE status = 'served' AND NOT EXISTS (SELECT FROM proofs WHERE proofs.letter_id = letters.id)""",
    ),
    Invariant(
        "a letter is served without its dates",
        "SELECT id FROM letters WHERE status = 'served' AND (posted_on IS NULL OR received_on IS NULL)",
    ),
    Invariant("a letter was received before it was posted", "SELECT id FROM letters WHERE received_on < posted_on"),
    Invariant(
        "a letter is made and there is no file of it", "SELECT id FROM letters WHERE status IN ('made', 'sent', 'served') AND pdf IS NULL"
    ),
    Invariant(
        "a letter is sent and the printer has no id for it",
        "SELECT id FROM letters WHERE status IN ('sent', 'served') AND provider_id IS NULL",
    ),
    Invariant(
        "a letter is to be made, posted or followed, and no job ever takes it up",
        "SELECT id FROM letters WHERE status IN ('requested', 'made', 'sent') AND next_attempt_at IS NULL",
    ),
    Invariant("a letter failed and nobody can see why", "SELECT id FROM letters WHERE status = 'failed' AND last_error IS NULL"),
    Invariant("a letter came back on no day", "SELECT id FROM letters WHERE status = 'returned' AND returned_on IS NULL"),
    Invariant(
        "a further letter does not say of which kind its notice is",
        "SELECT id FROM letters WHERE kind IN ('withdrawal', 'receipt') AND (notice_kind IS NULL OR occasion IS NULL)",
    ),
    Invariant(
        "a notice is to be sent about which a court has decided",
        """SELECT letters.id FROM letters JOIN court_files ON court_files.notice_ids @> ARRAY[letters.about]
           WHERE court_files.status = 'concluded' AND letters.kind = letters.notice_kind AND letters.status IN ('requested', 'made')""",
    ),
)
