"""A pupil as a school sends one, and as it is stored."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AliasChoices, BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError

from services.registers.fields import Address, Answer, CivilDate, Line, MaybeLine, Prose, null_is
from services.registers.marks.domain.rolls import Spell
from services.registers.pupils.domain.differences import Claim
from services.registers.pupils.domain.parents import ContactDetails, LiabilityBasis, ParentLink
from services.registers.pupils.domain.pupils import NamedPupil, PupilAtSchool, RejectedPupil, SentPupil
from shared.http import Upn

TextOrNumber = Annotated[MaybeLine, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]


class ParentIn(BaseModel):
    """A parent, as the school knows them; `ref` is the school system's own id of the contact."""

    ref: Line
    forename: Line
    surname: Line
    relationship: MaybeLine = None
    lives_with_pupil: bool | None = None
    liability_basis: LiabilityBasis | None = None
    """On what it rests that this person is a parent in law (Education Act 1996 s.576)."""
    address: Address = None
    email: MaybeLine = None
    phone: MaybeLine = None

    @property
    def details(self) -> ContactDetails:
        """The person by name, and how to reach them."""
        return ContactDetails(self.forename, self.surname, tuple(self.address) if self.address else None, self.email, self.phone)

    @property
    def link(self) -> ParentLink:
        """What the contact is to the pupil."""
        return ParentLink(self.ref, self.relationship, self.lives_with_pupil, self.liability_basis)


class SpellIn(BaseModel):
    """An earlier stay on the same roll: first and last day."""

    admitted_on: CivilDate
    left_on: CivilDate


class PupilIn(BaseModel):
    """The whole truth about a pupil at one school, in place of what was."""

    forename: Line
    surname: Line
    date_of_birth: Annotated[CivilDate, Field(ge=date(1997, 1, 1))]
    """Who was born earlier had left school before any mark that is still kept, and before the law that this product knows."""
    year_group: TextOrNumber = None
    admitted_on: CivilDate
    left_on: CivilDate | None = None
    earlier_spells: Annotated[list[SpellIn], Field(max_length=20), null_is([])] = []
    parents: Annotated[list[ParentIn], Field(max_length=20)] = []
    admission_number: TextOrNumber = None
    """The school's own number of the pupil, by which a file of marks may name them."""

    def pupil(self, urn: int) -> SentPupil:
        """Return the pupil of a school."""
        stays = [Spell(urn, each.admitted_on, each.left_on) for each in self.earlier_spells]
        spells = sorted([*stays, Spell(urn, self.admitted_on, self.left_on)], key=lambda spell: spell.admitted_on)
        links = tuple(parent.link for parent in self.parents)
        at_school = PupilAtSchool(
            self.forename, self.surname, self.date_of_birth, self.year_group, tuple(spells), links, self.admission_number
        )
        return SentPupil(at_school, self.admitted_on, tuple((parent.ref, parent.details) for parent in self.parents))


class PupilParentOut(Answer):
    """A parent's id, and whether a likely match with another person awaits an officer."""

    ref: str
    id: Annotated[UUID, Field(validation_alias=AliasChoices("parent_id", "id"))]
    open_match: bool


class PupilOut(Answer):
    """A pupil as stored, with what follows from it."""

    id: UUID
    upn: str
    upn_kind: Literal["permanent", "temporary"]
    urn: int
    compulsory_from: date
    compulsory_to: date
    parents: list[PupilParentOut]
    released: int
    """Marks kept in quarantine until now that this pupil or roll explained. 0 where they are too many for one request: then the worker stores them,
    and `GET …/schools/{urn}/releases` returns how many are left."""
    claim: Claim
    """By a roll entry that waits for an officer, or that one refused, the school reaches nothing of the pupil, and its marks do not count."""
    claim_explained: str


class RollIn(BaseModel):
    """A school's roll, or a part of it: each pupil as `PUT …/pupils/{upn}` takes one, with the `upn`."""

    pupils: Annotated[list[dict[str, object]], Field(max_length=5000)]

    def read(self, urn: int) -> list[NamedPupil | RejectedPupil]:
        """Return each pupil, or why they cannot be read: one bad record rejects no other."""
        return [_read(urn, sent) for sent in self.pupils]


_UPN: TypeAdapter[str] = TypeAdapter(Upn)


def _read(urn: int, sent: Mapping[str, object]) -> NamedPupil | RejectedPupil:
    named = sent.get("upn")
    shown = named[:50] if isinstance(named, str) else ""
    try:
        pupil = PupilIn.model_validate(sent).pupil(urn)
    except ValidationError as error:
        # The place and the rule, never what was sent: that is about a person.
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        return RejectedPupil(shown, f"{'.'.join(str(part) for part in first['loc'])}: {first['msg'].removesuffix('.')}.")
    try:
        return NamedPupil(_UPN.validate_python(named, strict=True), pupil)
    except ValidationError:
        return RejectedPupil(shown, "The UPN is not thirteen characters of the right shape.")


class RollRejected(Answer):
    """A pupil who was not stored, and why; `upn` as it was sent."""

    upn: str
    reason: str


class RollOut(Answer):
    """What became of the pupils: stored or changed, the same as before, rejected; and the marks that their rolls released from quarantine.

    Where these are too many for one request, `released` is 0, and `GET …/schools/{urn}/releases` returns how many the worker still has to store.
    """

    stored: int
    unchanged: int
    released: int
    rejected: list[RollRejected]
    waiting: list[RollRejected]
    """Stored, and not counted: an officer has not confirmed, or refused, that the UPN is this child's."""


class UpnChangeIn(BaseModel):
    """Another UPN for a pupil, and why."""

    new_upn: Upn
    reason: Prose


class UpnChangeOut(Answer):
    """A change of a pupil's UPN."""

    was: str
    became: str
    reason: str
    changed_at: datetime
    changed_by: str


class IdentityOut(Answer):
    """A pupil's UPNs: the present one, its kind, and every change."""

    pupil_id: UUID
    upn: str
    upn_kind: Literal["permanent", "temporary"]
    upns: list[str]
    """Every UPN that finds this pupil."""
    changes: list[UpnChangeOut]
