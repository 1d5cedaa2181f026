"""Working days in England and Wales: Monday to Friday, less bank holidays."""

from datetime import date, timedelta

import holidays

BANK_HOLIDAYS = holidays.country_holidays("GB", subdiv="ENG")
"""Bank and public holidays of England (the same as those of Wales), with their substitute days; years are added as they are asked for."""


def is_working_day(day: date) -> bool:
    """Return whether a day is neither a Saturday, a Sunday nor a bank holiday in England and Wales."""
    return day.weekday() < 5 and day not in BANK_HOLIDAYS


def add_working_days(day: date, n: int) -> date:
    """Return the n-th working day after `day`; with n = 0 `day` itself, whatever it is."""
    if n < 0:
        raise ValueError("working days are counted forwards")
    for _ in range(n):
        day += timedelta(days=1)
        while not is_working_day(day):
            day += timedelta(days=1)
    return day
