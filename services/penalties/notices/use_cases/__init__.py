"""Penalty notices: assessed, issued, served, settled, overdue, withdrawn, read."""
