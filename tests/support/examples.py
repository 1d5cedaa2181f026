"""How many random examples a test tries."""

import os

EXAMPLES = int(os.environ.get("ATTENDANCE_EXAMPLES", "2"))
"""Tenths of the random examples that a test tries: a few with every change of the code, all of them at night."""


def examples(all_of_them: int) -> int:
    """Return how many random examples a test tries, of so many."""
    return max(2, all_of_them * EXAMPLES // 10)
