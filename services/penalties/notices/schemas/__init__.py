"""Penalty notices, in and out."""
