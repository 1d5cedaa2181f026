"""Codes that carry the sentence in which a person reads them."""

from enum import StrEnum
from typing import Self


class CodeWithSentence(StrEnum):
    """A code for machines, with a sentence for people: each member is declared as a pair of the two."""

    sentence: str

    def __new__(cls, code: str, sentence: str = "") -> Self:  # left out where a member is looked up by its code
        """Return the member whose value is the code."""
        member = str.__new__(cls, code)
        member._value_, member.sentence = code, sentence
        return member
