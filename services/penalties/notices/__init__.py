"""Penalty notices: tariff, cap, issue, serving, payment, overdue, withdrawal."""
