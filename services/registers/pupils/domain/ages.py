"""Compulsory school age (Education Act 1996 s.8)."""

from calendar import FRIDAY, monthrange
from datetime import date, timedelta

from shared.law import Law


def compulsory_age(born: date, law: Law) -> tuple[date, date]:
    """Return the first and the last day of compulsory school age (Education Act 1996 s.8)."""
    return compulsory_from(born, law), compulsory_to(born, law)


def compulsory_from(born: date, law: Law) -> date:
    """Return the first day of compulsory school age.

    Education Act 1996 s.8(2): the prescribed day on or next after the fifth birthday; the prescribed days are
    31 March, 31 August and 31 December (Education (Start of Compulsory School Age) Order 1998, SI 1998/1607).
    """
    birthday = _birthday(born, law.at("compulsory_age_starts_at", born).value)
    days = (date.fromisoformat(f"{birthday.year}-{day}") for day in law.at("compulsory_age_start_days", birthday).value)
    return next(day for day in days if day >= birthday)


def compulsory_to(born: date, law: Law) -> date:
    """Return the last day of compulsory school age.

    Education Act 1996 s.8(3): the school leaving date of the school year in which the sixteenth birthday falls, which is
    the last Friday in June (Education (School Leaving Date) Order 1997, SI 1997/1970). A school year begins on 1 September.
    """
    birthday = _birthday(born, law.at("compulsory_age_ends_at", born).value)
    return leaving_date(birthday.year + 1 if birthday.month >= 9 else birthday.year, law)


def leaving_date(year: int, law: Law) -> date:
    """Return the school leaving date of a year: the last Friday of the month that the order names (SI 1997/1970)."""
    month = law.at("leaving_month", date(year, 1, 1)).value
    end = date(year, month, monthrange(year, month)[1])
    return end - timedelta(days=(end.weekday() - FRIDAY) % 7)


def _birthday(born: date, age: int) -> date:
    """Return the day on which an age is attained (Family Law Reform Act 1969 s.9): 1 March for 29 February in a common year."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)
