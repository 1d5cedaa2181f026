"""Letters: their states, what each prints and to whom it goes, and when to ask the printer again."""
