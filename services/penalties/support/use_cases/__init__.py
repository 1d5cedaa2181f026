"""Record, correct and read entries, attach files to them, and record who leads."""
