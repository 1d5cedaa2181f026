"""The source code as the guards of the architecture read it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from attendance.documentation.catalogue import ROOT

SERVICES = ("registers", "thresholds", "penalties", "prosecutions", "notifications")
"""The five services with a database. All must exist."""

PRODUCT = ("shared", "services", "attendance")

ADRS = sorted((ROOT / "docs" / "adr").glob("*.md"))
HAND_WRITTEN = [ROOT / "README.md", *(ROOT / "docs" / f"{name}.md" for name in ("how-to", "imports", "operations")), *ADRS]
"""The documents that are not made from the code."""


def python_files(*folders: str) -> list[Path]:
    """Return every Python file under these folders of the repository (or files, by glob)."""
    return sorted(
        path for folder in folders for found in ROOT.glob(folder) for path in ([found] if found.is_file() else found.rglob("*.py"))
    )


@cache
def tree(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def where(path: Path, node: ast.AST | None = None) -> str:
    """Return a place in the repository as people look it up."""
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Give every call in a file with the dotted name that is called, as far as it has one."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for attribute access on names; other parts are left out."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


def imports(path: Path) -> Iterator[tuple[str, ast.Import | ast.ImportFrom]]:
    """Give the module (and the name, where one is taken from it) of every import in a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((each.name, node) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{each.name}", node) for each in node.names)


def texts(path: Path) -> Iterator[tuple[str, ast.Constant]]:
    """Give every string in a file that is not a docstring."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value, node
