"""Advisory locks by name, so that no two kinds of work share a number by accident.

Bind them as a statement's parameter: `pg_advisory_xact_lock(:lock)` for the one thing of its kind in a database,
`pg_advisory_xact_lock(hashtextextended(:key, :lock))` or, by a number of its own, `pg_advisory_xact_lock(:lock, :urn)` for one of many.
"""

from enum import IntEnum, unique


@unique
class Lock(IntEnum):
    """What is locked, and the number that stands for it in the database."""

    MIGRATION = 881444
    RELAY = 881001
    LOG_TABLES = 881002
    DEAD_LETTER_KEY = 881
    IDEMPOTENCY_KEY = 882
    # registers
    MONTHLY_PARTITION = 881003
    IMPORT = 881005
    LEAVE_OF_PUPIL = 885
    NAME_OF_PARENT = 886
    # thresholds
    SCHOOL = 881004
    # penalties
    CASES_OF_PUPIL = 883
    NOTICES_OF_PARENT_AND_CHILD = 884
    # prosecutions
    FILES_OF_PUPIL = 887
