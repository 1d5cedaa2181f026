"""A pupil as a school sends one, and as one school's records have them."""

from dataclasses import dataclass
from datetime import date

from services.registers.marks.domain import rolls
from services.registers.marks.domain.rolls import Spell
from services.registers.pupils.domain.parents import ContactDetails, ParentLink


@dataclass(frozen=True, slots=True)
class PersonalDetails:
    """Names and date of birth, as a school records them or as they count."""

    forename: str
    surname: str
    date_of_birth: date


@dataclass(frozen=True, slots=True)
class PupilAtSchool:
    """What one school has recorded about a pupil: details, every stay on its roll, and who are the parents."""

    forename: str
    surname: str
    date_of_birth: date
    year_group: str | None
    spells: tuple[Spell, ...]
    parents: tuple[ParentLink, ...]
    admission_number: str | None = None

    @property
    def details(self) -> PersonalDetails:
        """Names and date of birth alone."""
        return PersonalDetails(self.forename, self.surname, self.date_of_birth)


@dataclass(frozen=True, slots=True)
class SentPupil:
    """The whole truth about a pupil at one school, with how to reach each parent, by the school's own id of the contact."""

    at_school: PupilAtSchool
    admitted_on: date
    """First day of the stay that is not an earlier one."""
    contacts: tuple[tuple[str, ContactDetails], ...]

    @property
    def contradiction(self) -> str | None:
        """What is wrong with the record, if anything is."""
        if self.at_school.date_of_birth >= self.admitted_on:
            return "date_of_birth is not before admitted_on"
        if wrong := rolls.fault(self.at_school.spells):
            return wrong
        return "two parents have the same ref" if len(dict(self.contacts)) < len(self.contacts) else None


@dataclass(frozen=True, slots=True)
class NamedPupil:
    """A pupil of a school's roll, under the UPN that was sent."""

    upn: str
    pupil: SentPupil


@dataclass(frozen=True, slots=True)
class RejectedPupil:
    """A pupil of a school's roll who is not stored, and why; `upn` as it was sent."""

    upn: str
    reason: str
