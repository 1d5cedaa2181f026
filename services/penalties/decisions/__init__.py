"""Decisions of named people and agreements of the authority."""
