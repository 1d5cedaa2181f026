"""Refusals of penalties."""

from services.penalties.domain.refusals import Refusals
from shared.problems import Conflict, NotFound, Unavailable


class CaseNotFound(NotFound):
    """There is no such case."""


class NoticeNotFound(NotFound):
    """There is no such notice."""


class Refused(Conflict):
    """Something is missing."""


class DecisionRefused(Refused):
    """This decision is not possible now."""


class AgreementRefused(Refused):
    """This agreement is not possible now."""


class ImprovementNoticeRefused(Refused):
    """A Notice to Improve cannot be issued now."""


class OutcomeRefused(Refused):
    """This outcome cannot be recorded now."""


class PenaltyNoticeRefused(Refused):
    """A penalty notice cannot be issued now."""


class EvidenceOnItsWay(Unavailable):
    """The register holds marks of the days concerned that have not been judged yet."""


class ClearanceRefused(Refused):
    """This cannot be cleared now."""


def require(refusals: Refusals, problem: type[Refused]) -> None:
    """Raise the problem, naming all that is missing, unless nothing is."""
    if refusals:
        texts = dict.fromkeys(refusal.text for refusal in refusals)
        raise problem(" ".join(texts), missing=[refusal.as_json() for refusal in refusals])
