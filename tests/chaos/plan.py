"""Which fault comes when: each kind once in a round, in an order of chance."""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def plan(chance: random.Random, whole: Sequence[T], apart: Sequence[T], at_most: Mapping[T, int]) -> Iterator[tuple[bool, T]]:
    """Give fault after fault, each with whether every part is a process of its own then: a round of each, over and over.

    `at_most`: how often some of them come in all. Where no other is left, the plan ends.
    """
    left = dict(at_most)
    while any(left.get(kind, 1) > 0 for kind in (*whole, *apart)):
        for is_apart, kinds in ((False, whole), (True, apart)):
            for kind in chance.sample(list(kinds), len(kinds)):
                if kind in left:
                    left[kind] -= 1
                if left.get(kind, 0) >= 0:
                    yield is_apart, kind
