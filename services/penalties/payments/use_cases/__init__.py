"""Payments: opened, asked about, counted."""
