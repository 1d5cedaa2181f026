"""The rules of penalties: pure functions of facts, days and law."""
