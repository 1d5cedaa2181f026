"""How long what is recorded beside the register is kept."""

from datetime import date, timedelta


def kept_since(today: date, years: int) -> date:
    """Return the earliest day of which what is kept for so many years is still kept: 1 March where that year has no 29 February."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return (today - timedelta(days=1)).replace(year=today.year - years) + timedelta(days=1)
