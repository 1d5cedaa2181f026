"""What passes from one layer to another has a type: no rows of the database, no dictionaries of anything."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import python_files, tree, where

UNTYPED = re.compile(r"\b(Any|Row|RowMapping)\b")


def files() -> list[Path]:
    """Return the modules of the layers; tables and migrations are the database's own."""
    return [
        path for path in python_files("services", "attendance") if not {"migrations", "tables"} & set(path.parts) if path.stem != "tables"
    ]


def test_no_signature_and_no_field_holds_anything_or_a_row():
    found = [f"{where(path, node)} {text}" for path in files() for text, node in untyped(tree(path), private=not is_repository(path))]

    assert not found, "\n".join(["give it a dataclass, a model or a scalar; a query's rows become row dataclasses in repository:", *found])


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("def read(tx) -> dict[str, Any]: ...", 1),
        ("async def find(row: Row[Any], names: list[str]) -> None: ...", 1),
        ("class Answer:\n    body: Mapping[str, Any]\n    id: int", 1),
        ("def read(tx: Transaction) -> NoticeRow | None: ...", 0),
        ("def _row(found: RowMapping) -> NoticeRow: ...", 0),
    ],
)
def test_an_untyped_edge_of_a_repository_is_found_and_its_private_functions_may_hold_rows(source: str, count: int):
    assert len(list(untyped(ast.parse(source), private=False))) == count


def is_repository(path: Path) -> bool:
    """Return whether a module is one of a repository, whose private functions may hold rows."""
    return "repository" in path.parts or path.stem == "repository"


def untyped(module: ast.Module, *, private: bool) -> Iterator[tuple[str, ast.AST]]:
    """Yield the signatures and fields that hold Any or a row; those of private functions only with `private`."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (private or not node.name.startswith("_")):
            named = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg)
            annotations = [each.annotation for each in named if each] + [node.returns]
            yield from ((f"{node.name}: {text}", node) for each in annotations if each and UNTYPED.search(text := ast.unparse(each)))
        elif isinstance(node, ast.ClassDef):
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and UNTYPED.search(text := ast.unparse(field.annotation)):
                    yield f"{node.name}.{ast.unparse(field.target)}: {text}", field
