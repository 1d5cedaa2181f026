"""Folders and files that other users of a machine cannot read: they hold keys, letters and children's data."""

import os
from pathlib import Path


def close_folder(folder: Path, *, passable_for_owner_of: Path | None = None) -> None:
    """Make a folder that nobody else can enter, or close the one there is.

    `passable_for_owner_of`: a file within it; where that is another user's, this process's group may pass through, but not look around.
    Under root the bundled database server runs as another user, and keeps the group of the process that starts it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    inner = passable_for_owner_of.stat() if passable_for_owner_of and passable_for_owner_of.exists() else None
    if inner is None or inner.st_uid == os.geteuid():
        folder.chmod(0o700)
    else:
        os.chown(folder, -1, os.getegid())
        folder.chmod(0o710)


def close_file(path: Path) -> None:
    """Make an empty file that nobody else can read, or close the one there is."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    path.chmod(0o600)
