"""The stored facts and standings, a function per question."""
