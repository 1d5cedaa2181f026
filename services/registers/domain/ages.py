"""Compulsory school age (Education Act 1996 s.8)."""

from datetime import date, timedelta

STARTS_AT = 5
ENDS_AT = 16


def compulsory_from(born: date) -> date:
    """Return the first day of compulsory school age.

    Education Act 1996 s.8(2): the prescribed day on or next after the fifth birthday; the prescribed days are
    31 March, 31 August and 31 December (Education (Start of Compulsory School Age) Order 1998, SI 1998/1607).
    """
    birthday = _birthday(born, STARTS_AT)
    days = (date(birthday.year, 3, 31), date(birthday.year, 8, 31), date(birthday.year, 12, 31))
    return next(day for day in days if day >= birthday)


def compulsory_to(born: date) -> date:
    """Return the last day of compulsory school age.

    Education Act 1996 s.8(3): the school leaving date of the school year in which the sixteenth birthday falls, which is
    the last Friday in June (Education (School Leaving Date) Order 1997, SI 1997/1970). A school year begins on 1 September.
    """
    birthday = _birthday(born, ENDS_AT)
    return last_friday_in_june(birthday.year + 1 if birthday.month >= 9 else birthday.year)


def last_friday_in_june(year: int) -> date:
    """Return the school leaving date of a year (SI 1997/1970)."""
    end = date(year, 6, 30)
    return end - timedelta(days=(end.weekday() - 4) % 7)


def _birthday(born: date, age: int) -> date:
    """Return the day on which an age is attained (Family Law Reform Act 1969 s.9): 1 March for 29 February in a common year."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)
