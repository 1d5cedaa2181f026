"""A file's entries in the order of their registers, without holding them in memory.

They lie in a private database of SQLite without a name, which the system deletes with the process: however a worker ends, no child's
marks stay behind on its disk. The order is the same whenever the same file is read, so a number is enough to note how far an import has come.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from services.registers.imports.formats.entries import CalendarNeeded, Entry, Fault, Person

_COLUMNS = "number INTEGER PRIMARY KEY, line, school, upn, day, half, code, minutes, fault, note, either, person, changed"
_BETWEEN = "\x1f"
"""What stands between the parts of a person: nothing that may stand in one."""
_FAULTS: dict[str | None, Fault] = {fault.value: fault for fault in Fault}
_LONGEST = 20_000
"""Entries of one register at a time; no school has so many pupils."""


class SortedEntry(NamedTuple):
    """An entry and its place in the file."""

    number: int
    entry: Entry


class Sorter:
    """Sorts entries from a file's order by school, date and half of the day; those with a fault come first."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("PRAGMA cache_size = -32768")
        self._database.execute(f"CREATE TABLE entries ({_COLUMNS})")
        self._database.execute("BEGIN")
        self.count = 0

    def take(self, entries: Iterable[Entry | CalendarNeeded], most: int) -> bool | CalendarNeeded:
        """Take up to so many entries; return whether there may be more, or what the reader needs before it goes on."""
        rows: list[tuple[object, ...]] = []
        stopped: bool | CalendarNeeded = False
        for each in entries:
            if isinstance(each, CalendarNeeded):
                stopped = each
                break
            rows.append(_row(self.count + len(rows) + 1, each))
            if len(rows) == most:
                stopped = True
                break
        self._database.executemany(f"INSERT INTO entries VALUES ({', '.join('?' * 13)})", rows)  # noqa: S608 -- a constant
        self.count += len(rows)
        return stopped

    def refuse_either_dates(self) -> None:
        """Refuse the lines whose day and month may change places, where another line of the file has the month first."""
        if self._database.execute("SELECT EXISTS (SELECT 1 FROM entries WHERE fault = ?)", (Fault.MONTH_FIRST,)).fetchone()[0]:
            refused = (Fault.EITHER_DATE, "-")
            self._database.execute("UPDATE entries SET fault = ?, day = either WHERE either <> '' AND fault IS NULL AND code <> ?", refused)

    def give(self, after: int) -> Iterator[list[SortedEntry]]:
        """Yield the entries after the first so many, the entries of one register (or a thousand faults) at a time."""
        faults = self._database.execute("SELECT * FROM entries WHERE fault IS NOT NULL ORDER BY number LIMIT -1 OFFSET ?", (after,))
        while batch := faults.fetchmany(1000):
            yield [_sorted(row) for row in batch]
        (faulty,) = self._database.execute("SELECT count(*) FROM entries WHERE fault IS NOT NULL").fetchone()
        # The order of the columns is part of what `position` means: it must not change while an import is under way.
        rows = self._database.execute(
            "SELECT * FROM entries WHERE fault IS NULL ORDER BY school, day, half, changed, number LIMIT -1 OFFSET ?",
            (max(after - faulty, 0),),
        )
        register: list[SortedEntry] = []
        while batch := rows.fetchmany(2000):
            for row in batch:
                if register and ((row[2:3] + row[4:6]) != _key(register[-1].entry) or len(register) == _LONGEST):
                    yield register
                    register = []
                register.append(_sorted(row))
        if register:
            yield register

    def close(self) -> None:
        """Delete everything."""
        self._database.close()


def _key(entry: Entry) -> tuple[str, str, str]:
    return entry.school, entry.day, entry.half


def _row(number: int, entry: Entry) -> tuple[object, ...]:
    return (number, *entry[:10], _BETWEEN.join(entry.person) if entry.person else "", entry.changed)


def _sorted(row: tuple[int, int, str, str, str, str, str, int | None, str | None, str | None, str, str, str]) -> SortedEntry:
    number, line, school, upn, day, half, code, minutes, fault, note, either, person, changed = row
    return SortedEntry(
        number,
        Entry(
            line,
            school,
            upn,
            day,
            half,
            code,
            minutes,
            _FAULTS.get(fault),
            _FAULTS.get(note),
            either,
            Person(*person.split(_BETWEEN)) if person else None,
            changed,
        ),
    )
