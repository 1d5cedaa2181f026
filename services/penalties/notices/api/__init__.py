"""Penalty notices over HTTP."""
