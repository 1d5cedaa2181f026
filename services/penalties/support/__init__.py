"""The support-first log: what was tried for a child, by whom, with which parent, and what came of it."""
