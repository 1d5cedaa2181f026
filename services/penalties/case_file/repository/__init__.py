"""Queries about cases and what hangs on them."""
