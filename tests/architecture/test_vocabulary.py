"""Names and texts of the code use the words of the trade: no riddles, and one word for one thing."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from attendance.documentation.catalogue import ROOT
from tests.architecture.sources import HAND_WRITTEN, PRODUCT, python_files, tree, where

FORBIDDEN_IN_NAMES = {
    "say says said saying": "publish, event, message, response, text",
    "tell tells told": "publish, event, message, response",
    "hear hears heard": "consume, handle, projection",
    "known": "cached, stored, allowed",
    "whole": "full, or the thing itself",
    "usual plain": "fast path, checked, or no word at all",
    "together": "batch, merged",
    "trouble troubles": "error",
    "passing": "transient",
    "poison": "permanent error",
    "stamp stamped stamps": "version",
    "book books": "session codes",
    "place places": "topic partition, mark key, position, location",
    "dossier dossiers": "case file",
    "farewell farewells": "background close",
    "grounded": "decision and agreement",
    "sister sisters": "another service, upstream",
    "forget forgets forgetting forgotten": "retention, evict, delete",
    "losses": "lost sessions",
    "spare spared bury buried breath riddle": "what it does, in plain words",
}
"""Words that stand in no name, with the words to use instead."""

FORBIDDEN_FILE_NAMES = {
    "said told together sharing": "publishing, register events, batches, dual registration",
    "forgetting losses children": "retention, lost_sessions, pupils",
    "following ending failing farewells": "event reactions, publishing, letters/fail, background_close",
    "dossiers closing service trouble": "case_file, background_close, serving, errors",
    "words parts answers reading": "the noun that the file holds",
    "utils helpers common base manager": "the noun that the file holds",
}
"""Names of files that name nothing one would look for."""

FORBIDDEN_PHRASES = {"keep_apart kept_apart keeps_apart": "quarantine", "take_in taken_in": "store", "pass_over passed_over": "skip"}
"""Words that together are not one of the trade's, as they stand in names."""

RIDDLES = {
    r"said|says?|saying": "publishes, returns, shows",
    r"tells?|telling|told": "returns, responds, publishes",
    r"hears?|heard": "consumes, handles",
    r"troubles?": "error",
    r"poison": "permanent error",
    r"usual register": "a register on the fast path",
    r"sisters?": "another service; a sibling",
    r"dossiers?": "case file",
    r"breath": "one statement, one request",
    r"kept apart": "quarantined",
    r"taken in": "stored",
    r"passed over": "skipped, set aside",
    r"not known of": "is missing",
}
"""What stands in no docstring and no comment, with the words to use instead."""

EXCEPTIONS: dict[tuple[str, str], str] = {
    ("shared/service.py", "service"): "it defines a microservice, and no letter is served in it",
    ("services/penalties/notices/use_cases/assess.py", "NoLawKnown"): "callers read it as the type of a problem",
}
"""Names that may stay: the file, the name, and why."""

SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER)\b")
SCHEMA_CALLS = {"Table", "Column", "Index", "UniqueConstraint", "CheckConstraint", "ForeignKey", "ForeignKeyConstraint"}


def by_word(table: dict[str, str]) -> dict[str, str]:
    """Return what to use instead of each single word of a table."""
    return {word: instead for words, instead in table.items() for word in words.split()}


NAMES, FILE_NAMES, PHRASES = by_word(FORBIDDEN_IN_NAMES), by_word(FORBIDDEN_FILE_NAMES), by_word(FORBIDDEN_PHRASES)


def test_names_are_those_of_the_trade():
    found = [
        f"{where(path, node)} {name}: not {word!r} but {instead}"
        for path in python_files(*PRODUCT)
        for name, node in names(path)
        for word, instead in forbidden(name)
        if (str(path.relative_to(ROOT)), name) not in EXCEPTIONS
    ]

    assert not found, "\n".join(["README.md and this test hold the words to use instead:", *found])


def test_files_are_named_for_the_noun_that_they_hold():
    found = [
        f"{where(path)}: not {path.stem!r} but {instead}"
        for path in python_files(*PRODUCT)
        for instead in [FILE_NAMES.get(path.stem, ""), *(instead for _, instead in forbidden(path.stem))]
        if instead
        if (str(path.relative_to(ROOT)), path.stem) not in EXCEPTIONS
    ]

    assert not found, "\n".join(found)


def test_docstrings_comments_and_documents_hold_no_riddles():
    found = [
        f"{path.relative_to(ROOT)}:{line}: not {word!r} but {instead}: {text.strip()[:100]}"
        for path in [*python_files(*PRODUCT), *HAND_WRITTEN]
        for line, text in prose(path)
        for word, instead in riddles(text)
    ]

    assert not found, "\n".join(["write what it does, takes, returns and raises:", *found])


def test_every_exception_is_still_needed():
    existing = {(str(path.relative_to(ROOT)), name) for path in python_files(*PRODUCT) for name in (path.stem, *dict(names(path)))}

    assert not set(EXCEPTIONS) - existing


@pytest.mark.parametrize(
    ("name", "words"),
    [("said_by", {"said"}), ("ToldRegister", {"told"}), ("kept_apart", {"kept_apart"}), ("placement", set()), ("HTTPResponse", set())],
)
def test_a_forbidden_word_is_found_in_snake_and_camel_case_but_not_within_another_word(name: str, words: set[str]):
    assert {word for word, _ in forbidden(name)} == words


def forbidden(name: str) -> list[tuple[str, str]]:
    """Return the forbidden words in a name, each with the words to use instead."""
    words = [word.lower() for part in name.split("_") for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", part)]
    phrases = [phrase for phrase in PHRASES if re.search(rf"(^|_){phrase}(_|$)", "_".join(words))]
    return [(word, NAMES[word]) for word in words if word in NAMES] + [(phrase, PHRASES[phrase]) for phrase in phrases]


def riddles(text: str) -> list[tuple[str, str]]:
    """Return the riddling words in a text, each with the words to use instead."""
    matches = [(re.search(rf"\b({pattern})\b", text, re.IGNORECASE), instead) for pattern, instead in RIDDLES.items()]
    return [(match[0], instead) for match, instead in matches if match]


def names(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Yield the names that a file defines: classes, functions, arguments, variables, attributes, tables and columns."""
    for node in ast.walk(tree(path)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name, node
            case ast.alias(asname=str(name)) | ast.ExceptHandler(name=str(name)):
                yield name, node
            case ast.Constant(value=str(text)) if SQL.search(text):
                yield from ((word, node) for word in re.findall(r"[a-z_]+", text))
            case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called), args=arguments) if called in SCHEMA_CALLS:
                yield from ((each.value, node) for each in arguments if isinstance(each, ast.Constant) and isinstance(each.value, str))


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a document, or of the docstrings (also those under fields and constants) and comments of a module."""
    if path.suffix != ".py":
        yield from enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        return
    for node in ast.walk(tree(path)):
        for each in ast.iter_child_nodes(node):
            if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) and isinstance(each.value.value, str):
                yield from enumerate(each.value.value.splitlines(), start=each.lineno)
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
