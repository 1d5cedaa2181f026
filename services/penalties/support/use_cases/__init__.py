"""Record, correct and read entries, and attach files to them."""
