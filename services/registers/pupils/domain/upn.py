"""Unique pupil numbers (DfE guide to UPNs): a check letter, then twelve characters; a temporary one ends in a letter."""

import re
from typing import Literal

_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_SHAPE = re.compile(rf"[{_LETTERS}][0-9]{{11}}[0-9{_LETTERS}]", re.ASCII)


def check_letter(body: str) -> str:
    """Return the check letter of the twelve characters that follow it: their sum, weighted 2 to 13, modulo 23."""
    return _LETTERS[sum(weight * _value(character) for weight, character in enumerate(body, start=2)) % 23]


def is_valid(upn: str) -> bool:
    """Return whether a permanent or temporary UPN has the right shape and check letter."""
    return _SHAPE.fullmatch(upn) is not None and upn[0] == check_letter(upn[1:])


def kind(upn: str) -> Literal["permanent", "temporary"]:
    """Return whether a UPN is permanent, or temporary: given by a school until the permanent one is known."""
    return "permanent" if upn[-1].isdigit() else "temporary"


def _value(character: str) -> int:
    return int(character) if character.isdigit() else _LETTERS.index(character)
