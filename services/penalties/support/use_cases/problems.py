"""Why an entry cannot be recorded, corrected or read."""

from services.penalties.case_file.use_cases.problems import Refused
from shared.problems import Conflict, Forbidden, NotFound


class EntryNotFound(NotFound):
    """There is no such entry."""


class EntryRefused(Refused):
    """This cannot be recorded so."""


class StepRefused(Refused):
    """This step cannot follow now."""


class LeadRefused(Refused):
    """This lead professional cannot be recorded so."""


class AttachmentRefused(Refused):
    """This file cannot be attached."""


class AttachmentNotFound(NotFound):
    """There is no such file."""


class AttachmentDamaged(Conflict):
    """The file is damaged or missing."""


class VersionChanged(Conflict):
    """Somebody corrected this entry meanwhile."""


class OthersEntry(Forbidden):
    """This entry is another body's to correct."""
