"""Which roles may take which step in a case."""

DECIDE = ("school", "aco", "manager")
"""Who decides on cases, issues Notices to Improve and records their outcome."""
AGREE = ("aco", "manager", "business-support")
"""Who answers for the authority (business support: for a holiday)."""
ISSUE = (*AGREE, "accredited")
"""Who issues penalty notices."""
CLEAR = ("aco", "manager")
"""Who clears what a changed mark or a returned letter has stopped."""
READ = ("school", "accredited", "aco", "acsa", "business-support", "manager", "service")
"""Who reads cases and notices."""
SUPPORT = ("school", "accredited", "aco", "acsa", "manager")
"""Who records what was tried for a child."""
