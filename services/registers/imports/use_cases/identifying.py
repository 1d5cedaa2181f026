"""Lines without a UPN: which pupil of the school each one means, by admission number or by names and date of birth."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from services.registers.imports.formats.entries import Fault, Person
from services.registers.imports.repository import pupils
from services.registers.imports.repository.pupils import NamedPupilRow
from services.registers.imports.use_cases.sorting import SortedEntry
from services.registers.marks.domain.registers import Enrolled
from services.registers.marks.repository import marks
from services.registers.pupils.domain.names import folded
from shared.database import Transaction

Register = Sequence[SortedEntry]


async def name_pupils(tx: Transaction, urn: int, registers: Iterable[Register]) -> tuple[list[Register], list[tuple[SortedEntry, Fault]]]:
    """Return the registers of a school with the UPN of every line, and the lines that mean no pupil, or more than one."""
    sent = list(registers)
    if not any(each.entry.person for register in sent for each in register):
        return sent, []
    rows = await pupils.pupils_of_school(tx, urn)
    pupils_here, roll = PupilsByKey(rows), await marks.roll(tx, urn, [row.upn for row in rows])
    named: list[Register] = []
    refused: list[tuple[SortedEntry, Fault]] = []
    for register in sent:
        own: list[SortedEntry] = []
        for each in register:
            found = (
                identify(each.entry.person, pupils_here, roll, date.fromisoformat(each.entry.day)) if each.entry.person else each.entry.upn
            )
            if isinstance(found, Fault):
                refused.append((each, found))
            else:
                own.append(each._replace(entry=each.entry._replace(upn=found)))
        if own:
            named.append(own)
    return named, refused


class PupilsByKey:
    """The pupils of a school by what a line may name them with: made once, since a file names them in every line."""

    def __init__(self, rows: Iterable[NamedPupilRow]) -> None:
        self._by_number: defaultdict[str | None, list[NamedPupilRow]] = defaultdict(list)
        self._by_names: defaultdict[tuple[str, str, str], list[NamedPupilRow]] = defaultdict(list)
        for row in rows:
            self._by_number[_number(row.admission_number)].append(row)
            self._by_names[folded(row.surname), folded(row.forename), row.date_of_birth.isoformat()].append(row)

    def by_number(self, person: Person) -> Sequence[NamedPupilRow]:
        """Return those with the admission number of a line."""
        return self._by_number.get(_number(person.admission_number), ()) if person.admission_number else ()

    def by_names(self, person: Person) -> Sequence[NamedPupilRow]:
        """Return those with the names and the date of birth of a line, unless they have an admission number and the line has another."""
        if not (person.surname and person.forename and person.born):
            return ()
        found = self._by_names.get((folded(person.surname), folded(person.forename), person.born), ())
        return [row for row in found if not (person.admission_number and row.admission_number)]


def identify(person: Person, pupils_here: PupilsByKey, roll: Mapping[str, Enrolled], day: date) -> str | Fault:
    """Return the UPN of the pupil of a school who is meant, or why none is. Of several only those on its roll that day are."""
    by_number = pupils_here.by_number(person)
    found = [row for row in by_number if _fits(person, row)] or pupils_here.by_names(person)
    if len(found) > 1:
        found = [row for row in found if row.upn in roll and roll[row.upn].on_roll(day)]
    if len(found) == 1:
        return found[0].upn
    if found:
        return Fault.SEVERAL_PUPILS
    return Fault.OTHER_PUPIL if by_number else Fault.NO_PUPIL


def _fits(person: Person, row: NamedPupilRow) -> bool:
    """Return whether the names and the date of birth of a line are those that the school has recorded; a name may be shortened."""
    if person.born and person.born != row.date_of_birth.isoformat():
        return False
    return not person.surname or folded(person.surname) == folded(row.surname)


def _number(text: str | None) -> str | None:
    """Return an admission number without the zeros at its beginning, which spreadsheets take away."""
    return text.strip().casefold().lstrip("0") or "0" if text else None
