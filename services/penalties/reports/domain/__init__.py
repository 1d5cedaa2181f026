"""The rules of the reports: days that a school has, and what its figures show."""
