"""Refusals that several parts raise."""

from services.penalties.case_file.domain.refusals import Refusals
from shared.problems import Conflict, NotFound


class CaseNotFound(NotFound):
    """There is no such case."""


class NoticeNotFound(NotFound):
    """There is no such notice."""


class Refused(Conflict):
    """Something is missing."""


def require(refusals: Refusals, problem: type[Refused]) -> None:
    """Raise the problem, naming all that is missing, unless nothing is."""
    if refusals:
        texts = dict.fromkeys(refusal.text for refusal in refusals)
        raise problem(" ".join(texts), missing=[refusal.as_json() for refusal in refusals])
