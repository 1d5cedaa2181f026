"""Record, correct and read entries."""
