"""Imports, their progress and their reports."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, PlainSerializer

from services.registers.fields import Answer
from services.registers.imports.domain import Format, State

Hash = Annotated[bytes, PlainSerializer(bytes.hex, return_type=str)]


class ImportOut(Answer):
    """A file of marks and how far its import has come: `position` of `total` marks (null while the file is still being read)."""

    id: UUID
    state: State
    format: Format
    name: str | None
    urn: int | None
    size: int
    sha256: Hash
    mapping: Annotated[str | None, Field(description="What the columns mean, as it was sent")]
    made_by: str
    received_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    total: int | None
    position: int
    recorded: int
    unchanged: int
    amended: int
    ignored: int
    rejected: Annotated[int, Field(description="How many lines were refused; the report names each")]
    noted: Annotated[int, Field(description="How many more lines the report names, whose marks are stored")]
    warnings: Annotated[list[str], Field(description="What is to be known of the file as a whole")]
    error: Annotated[str | None, Field(serialization_alias="trouble", description="Why the import failed")]
    file_deleted_on: Annotated[
        date | None, Field(description="The file as it was sent is kept for some weeks after the end; the report stays longer")
    ]
    report_deleted_on: Annotated[
        date | None, Field(description="The lines that were refused are kept for a year after the end; their number stays")
    ]


class Refusal(Answer):
    """A mark of the file that was not stored, and why; `kept_apart` ones are when a roll explains them, or their school is known.

    Or one that is `stored`, and what about it is left out or contradicts what else is known.
    """

    number: Annotated[int, Field(description="Its place among the file's marks")]
    line: Annotated[int, Field(description="The line, row or record that it stands in")]
    school: str
    upn: str
    date: str
    session: str
    code: str
    reason: str
    quarantined: Annotated[bool, Field(serialization_alias="kept_apart")]
    stored: bool
