"""Dates and amounts in words."""

from datetime import date


def in_words(day: date) -> str:
    """Return a date as `Monday 14 September 2026`."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def pounds(pence: int) -> str:
    """Return an amount as `£80` or `£80.50`."""
    return f"£{pence // 100:,}" if pence % 100 == 0 else f"£{pence // 100:,}.{pence % 100:02d}"
