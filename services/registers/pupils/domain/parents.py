"""Parents as schools know them, and which contacts, at different schools or under different references, may be one person.

An officer decides; the rules only propose. A parent is a natural parent, or has parental responsibility for or care of the child (Education Act 1996 s.576).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.registers.pupils.domain.names import folded

_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?[0-9][A-Z]{2}")


LiabilityBasis = Literal["natural-parent", "parental-responsibility", "care"]


@dataclass(frozen=True, slots=True)
class ParentLink:
    """Who is a parent of a pupil: `ref` is the school's own id of the contact."""

    ref: str
    relationship: str | None
    lives_with_pupil: bool | None
    liability_basis: LiabilityBasis | None


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """A parent by name, and how to reach them."""

    forename: str
    surname: str
    address: tuple[str, ...] | None
    email: str | None
    phone: str | None

    @property
    def keys(self) -> "Keys":
        """The comparable form of the contact."""
        return keys(self.forename, self.surname, self.address, self.email, self.phone)


@dataclass(frozen=True, slots=True)
class Keys:
    """A contact in the form in which two records of one person are equal, however they were typed."""

    name: str
    postcode: str | None = None
    email: str | None = None
    phone: str | None = None


def keys(forename: str, surname: str, address: Sequence[str] | None, email: str | None, phone: str | None) -> Keys:
    """Return the comparable form of a contact; the last line of an address is its postcode."""
    return Keys(
        name=folded(f"{forename} {surname}"),
        postcode=_postcode(address[-1]) if address else None,
        email="".join((email or "").split()).casefold() or None,
        phone=_phone(phone or ""),
    )


def agreements(one: Keys, other: Keys, *, same_child: bool) -> tuple[str, ...]:
    """Return on what two contacts agree, where that makes them a likely match; nothing otherwise.

    The name must agree, and with it the postcode, the e-mail address, the telephone number or the child.
    """
    if one.name != other.name:
        return ()
    also = [what for what in ("postcode", "email", "phone") if getattr(one, what) and getattr(one, what) == getattr(other, what)]
    if same_child:
        also.append("child")
    return ("name", *also) if also else ()


def _postcode(line: str) -> str | None:
    joined = "".join(line.split()).upper()
    return joined if _POSTCODE.fullmatch(joined) else None


def _phone(number: str) -> str | None:
    digits = re.sub(r"\D", "", number.replace("(0)", ""))
    if digits.startswith("0044"):
        digits = digits[4:]
    elif number.strip().startswith("+44"):
        digits = digits[2:]
    return digits.lstrip("0") or None
