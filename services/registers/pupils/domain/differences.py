"""One person as several schools record them: which roll entries fit, what counts, and what awaits an officer.

What one school records never changes what another one recorded. What counted before a difference counts until an officer decides.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, TypeVar

from services.registers.pupils.domain.names import folded
from services.registers.pupils.domain.pupils import PersonalDetails, PupilAtSchool

T = TypeVar("T")
Claim = Literal["accepted", "waiting", "confirmed", "refused"]
"""What a school's roll entry is worth: it fitted what was recorded, it awaits an officer, an officer confirmed or refused it."""
DetailName = Literal["forename", "surname", "date_of_birth"]
FIELDS: tuple[DetailName, ...] = ("forename", "surname", "date_of_birth")
ESTABLISHED: tuple[Claim, ...] = ("accepted", "confirmed")
"""Claims by which a school, and its authority, reach the pupil."""

EXPLAINED: Mapping[Claim, str] = {
    "accepted": "UPN, surname and date of birth are as other schools have them: this pupil is on your roll.",
    "confirmed": "An officer of the authority confirmed that this pupil is on your roll.",
    "waiting": (
        "Another school has this UPN with another surname or date of birth. The roll entry and its marks are stored. They count, and the pupil's"
        " record opens to you, once an officer of the authority has confirmed them. If the details are wrong, send them again."
    ),
    "refused": (
        "An officer of the authority found that this UPN is another child's. The roll entry and its marks are stored and do not count. Send the"
        " pupil under the right UPN; or correct surname and date of birth here, and an officer looks again."
    ),
}
"""Each claim in the words that its school reads."""


@dataclass(frozen=True, slots=True)
class SchoolRecord:
    """A pupil as one school records them, and what that entry is worth; `answered`: an officer has decided about it as it stands."""

    urn: int
    pupil: PupilAtSchool
    claim: Claim = "waiting"
    answered: bool = False

    @property
    def established(self) -> bool:
        """Return whether the entry gives its school reach."""
        return self.claim in ESTABLISHED

    def resent(self, pupil: PupilAtSchool) -> "SchoolRecord":
        """Return the entry as its school sends it now: with other names or another date of birth it is judged again."""
        if same_person(pupil.details, self.pupil.details):
            return replace(self, pupil=pupil)
        if self.claim == "refused":
            return SchoolRecord(self.urn, pupil, "waiting", answered=True)
        return SchoolRecord(self.urn, pupil, self.claim, answered=self.answered and self.claim == "waiting")


@dataclass(frozen=True, slots=True)
class Person:
    """A pupil: the details that count (`confirmed`: an officer decided so), and every school's record, the one sent last at the end."""

    counted: PersonalDetails
    confirmed: bool
    records: tuple[SchoolRecord, ...]

    @property
    def claims(self) -> dict[int, Claim]:
        """Return what each school's entry is worth."""
        return {each.urn: each.claim for each in self.records}

    @property
    def differing(self) -> tuple[DetailName, ...]:
        """Return in what the schools' records differ from what counts, those that were refused left out."""
        others = [each.pupil.details for each in self.records if each.claim != "refused"]
        return tuple(name for name in FIELDS if any(_key(each, name) != _key(self.counted, name) for each in others))

    @property
    def undecided(self) -> bool:
        """Return whether an officer must look: an entry waits, or one differs about which nobody has decided."""
        return any(
            each.claim == "waiting" or (each.established and not each.answered and not same_person(each.pupil.details, self.counted))
            for each in self.records
        )

    @property
    def majority(self) -> PersonalDetails | None:
        """Return the details that more schools record than any other; None where no most are of one mind."""
        found: dict[tuple[object, ...], list[PersonalDetails]] = {}
        for each in self.records:
            if each.established:
                found.setdefault(_keys(each.pupil.details), []).append(each.pupil.details)
        ranked = sorted(found.values(), key=len, reverse=True)
        clear = ranked and (len(ranked) == 1 or len(ranked[0]) > len(ranked[1]))
        return ranked[0][-1] if clear else None


def same_person(one: PersonalDetails, other: PersonalDetails) -> bool:
    """Return whether names and birth date are the same, however they were typed."""
    return _keys(one) == _keys(other)


def fits(sent: PersonalDetails, recorded: PersonalDetails) -> bool:
    """Return whether surname, however it was typed, and birth date are those recorded."""
    return _key(sent, "surname") == _key(recorded, "surname") and sent.date_of_birth == recorded.date_of_birth


def judge_person(person: Person, right_birth: date | None = None) -> Person:
    """Return the person with those waiting entries accepted that fit, and with what all schools agree on as what counts.

    `right_birth`: the date by which an officer put the record together with another one. An entry that an officer answered before waits
    for an officer again. Where an officer confirmed what counts, or the schools differ, that stays.
    """
    accepted = _accept_fitting(person, right_birth)
    if accepted.confirmed:
        return accepted
    established = [each.pupil.details for each in accepted.records if each.established]
    agreed = PersonalDetails(
        _agreed(accepted.counted.forename, [each.forename for each in established]),
        _agreed(accepted.counted.surname, [each.surname for each in established]),
        _agreed(accepted.counted.date_of_birth, [each.date_of_birth for each in established]),
    )
    return replace(accepted, counted=agreed)


def decide_person(person: Person, counts: int, answers: Mapping[int, bool]) -> Person:
    """Return the person as an officer decided: whose details count, and which schools' entries are of this child; the others stay."""
    records = []
    for each in person.records:
        same = answers.get(each.urn)
        claim: Claim = each.claim if same is None else "refused" if not same else each.claim if each.established else "confirmed"
        records.append(SchoolRecord(each.urn, each.pupil, claim, answered=True))
    counted = next(each.pupil.details for each in person.records if each.urn == counts)
    return Person(counted, True, tuple(records))


def _accept_fitting(person: Person, right_birth: date | None) -> Person:
    records = list(person.records)
    while True:
        recorded = [person.counted, *(each.pupil.details for each in records if each.established)]
        if right_birth:
            recorded += [replace(each, date_of_birth=right_birth) for each in recorded]
        found = next((n for n, each in enumerate(records) if _acceptable(each, recorded)), None)
        if found is None:
            return replace(person, records=tuple(records))
        records[found] = replace(records[found], claim="accepted")


def _acceptable(record: SchoolRecord, recorded: Collection[PersonalDetails]) -> bool:
    return record.claim == "waiting" and not record.answered and any(fits(record.pupil.details, each) for each in recorded)


def _agreed(counted: T, recorded: Sequence[T]) -> T:
    """Return what every school records, as it was typed last; what counts where they differ or nobody records it."""
    if len({_comparable(each) for each in recorded}) != 1 or counted in recorded:
        return counted
    return recorded[-1]


def _keys(details: PersonalDetails) -> tuple[object, ...]:
    return tuple(_key(details, name) for name in FIELDS)


def _key(details: PersonalDetails, name: DetailName) -> object:
    return _comparable(getattr(details, name))


def _comparable(value: object) -> object:
    return folded(value) if isinstance(value, str) else value
