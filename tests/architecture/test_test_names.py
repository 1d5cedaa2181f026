"""The name of a test is a sentence with a subject, in the words of the trade."""

import ast
import re

import pytest

from tests.architecture.sources import python_files, tree, where
from tests.architecture.test_vocabulary import riddles

LONGEST = 100
"""Characters of a test's name."""

WITHOUT_A_SUBJECT = re.compile(r"^test_(it|its|they|this|that|what|whatever|who|whoever|whichever|there)_|_the_wrong_one(_|$)")


def names() -> list[tuple[str, str]]:
    """Return every test's name, with where it is defined."""
    return [
        (node.name, where(path, node))
        for path in python_files("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]


def test_the_name_of_a_test_is_short_enough_to_be_read():
    assert not [f"{line} {name}" for name, line in names() if len(name) > LONGEST]


def test_the_name_of_a_test_has_a_subject():
    nameless = [f"{line} {name}" for name, line in names() if WITHOUT_A_SUBJECT.search(name) or name.count("_") < 3]

    assert not nameless, "\n".join(["name the thing: a_notice…, a_mark…, the_threshold…", *nameless])


def test_the_name_of_a_test_uses_the_words_of_the_trade():
    found = [f"{line} {name}: not {word!r} but {instead}" for name, line in names() for word, instead in riddles(name.replace("_", " "))]

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("name", "nameless"),
    [
        ("test_it_is_refused_after_the_last_day", True),
        ("test_what_was_paid_is_counted_once", True),
        ("test_of_two_dates_the_wrong_one_is_refused", True),
        ("test_a_notice_is_refused_after_the_last_day", False),
        ("test_while_the_broker_is_away_events_wait", False),
    ],
)
def test_a_name_without_a_subject_is_found(name: str, nameless: bool):
    assert bool(WITHOUT_A_SUBJECT.search(name)) is nameless
