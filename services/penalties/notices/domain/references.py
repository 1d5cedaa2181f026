"""References that people read from a letter and type: no look-alikes, and a check character."""

from collections.abc import Callable, Sequence

ALPHABET = "23456789ABCDEFGHJKLMNPQRTUVWXYZ"
"""31 characters, a prime number: without I, O, S, 0 and 1. Weighted sums modulo 31 then find every single error and every swap."""
DRAWN = 6


def new_reference(choose: Callable[[Sequence[str]], str]) -> str:
    """Return a reference such as `PN-7K2M9QX`: six characters drawn by `choose`, and one that checks them."""
    drawn = "".join(choose(ALPHABET) for _ in range(DRAWN))
    return f"PN-{drawn}{check_character(drawn)}"


def check_character(drawn: str) -> str:
    """Return the character that makes the weighted sum right."""
    return ALPHABET[sum(weight * ALPHABET.index(character) for weight, character in enumerate(drawn, start=2)) % len(ALPHABET)]


def is_reference(text: str) -> bool:
    """Return whether a text is a reference without a typing error."""
    body = text.removeprefix("PN-")
    if text == body or len(body) != DRAWN + 1 or not set(body) <= set(ALPHABET):
        return False
    return check_character(body[:-1]) == body[-1]
