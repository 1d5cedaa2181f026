"""`python -m attendance.documentation [--check]`: write the documents that are made from the code, or name those that are stale."""

import sys
from collections.abc import Sequence
from pathlib import Path

from attendance.documentation import access, asyncapi, events, law, openapi, snapshots, states
from attendance.documentation.catalogue import ROOT

GENERATED_FOLDERS = (asyncapi.FOLDER, openapi.FOLDER, snapshots.FOLDER)
"""Folders in which everything is made here, so that what is not made any more is removed."""


def documents() -> dict[Path, str]:
    """Return every document as the code would have it."""
    made: dict[Path, str] = {}
    for maker in (snapshots, events, asyncapi, openapi, law, states, access):
        made |= maker.files()
    return made


def stale(made: dict[Path, str]) -> list[Path]:
    """Return the documents on disk that are not as the code would have them, and those that it would not have at all."""
    different = [path for path, content in made.items() if not path.exists() or path.read_text(encoding="utf-8") != content]
    left_over = [path for folder in GENERATED_FOLDERS for path in folder.glob("*.json") if path not in made]
    return sorted(different + left_over)


def main(arguments: Sequence[str]) -> int:
    """Write or check; return the exit code."""
    if broken := snapshots.broken_promises():
        print("A published contract would break:", *broken, sep="\n  ", file=sys.stderr)
        return 1
    made = documents()
    if "--check" in arguments:
        for path in stale(made):
            print(f"stale: {path.relative_to(ROOT)} (run `python -m attendance.documentation`)", file=sys.stderr)
        return 1 if stale(made) else 0
    for path in stale(made):
        if path in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[path], encoding="utf-8")
        else:
            path.unlink()
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
