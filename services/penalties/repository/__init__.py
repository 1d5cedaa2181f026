"""Queries of penalties: one module per noun."""
