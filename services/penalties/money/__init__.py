"""The ledger of a notice: what is due, what was paid, what is owed back; money in suspense."""
