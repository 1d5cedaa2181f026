"""Room on the disk of the bundled database: how much there has to be, and what is answered where there is too little."""

import errno
import getpass
import shutil
from pathlib import Path

MEGABYTE = 2**20
FIRST_ROOM = 400 * MEGABYTE
"""Bytes that have to be free before a database is made: it takes 60 MB, its first migrations and events as much again, and a demo the rest."""
LEAST_ROOM = 64 * MEGABYTE
"""Bytes that have to be free to go on: four segments of the write-ahead log. A server that cannot write the next one stops."""
_watched: list[Path] = []


def watch(folder: Path) -> None:
    """Let `complaint` look at the disk of this folder."""
    if folder not in _watched:
        _watched.append(folder)


def complaint() -> str | None:
    """Return what is wrong with the room of the watched folders, None where nothing is."""
    for folder in _watched:
        try:
            free = shutil.disk_usage(folder).free
        except OSError:  # gone: the database does not answer then
            continue
        if free < LEAST_ROOM:
            return f"The disk of the database has {free // MEGABYTE} MB left. Make room: what was stored stays, and work goes on by itself."
    return None


def lacking(folder: Path, needed: int) -> str | None:
    """Return the line to end with where the disk of a folder has less room than needed, None where it has enough."""
    free = shutil.disk_usage(folder).free
    if free >= needed:
        return None
    return (
        f"the disk of {folder} has {free // MEGABYTE} MB free, and {needed // MEGABYTE} MB are needed: make room there, "
        "or set ATTENDANCE_DATA to a folder on another disk"
    )


def explain(error: OSError, folder: Path) -> str:
    """Return the line to end with where a folder cannot be used."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"the disk of {folder} is full: make room there, or set ATTENDANCE_DATA to a folder on another disk"
        case errno.EACCES | errno.EPERM:
            return f"{folder} is closed to the user {getpass.getuser()}: give that user the right to write there, or set ATTENDANCE_DATA to another folder"
        case errno.EROFS:
            return f"{folder} is on a disk that can only be read: set ATTENDANCE_DATA to a folder on another disk"
    return f"{folder} cannot be used ({error.strerror or type(error).__name__}): set ATTENDANCE_DATA to another folder"
