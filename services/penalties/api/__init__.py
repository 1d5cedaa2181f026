"""The ways in by HTTP: one router for each noun."""
