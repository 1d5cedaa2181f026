"""The formats of files, and the states of an import."""

from typing import Literal

Format = Literal["ctf", "csv", "xlsx", "wonde"]
State = Literal["received", "running", "done", "failed"]
