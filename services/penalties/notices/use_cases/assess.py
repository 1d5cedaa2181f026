"""Assess a notice that is only thought of: nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.penalties.case_file.domain.sessions import OffencePeriod
from services.penalties.law import law_of
from services.penalties.notices.domain.tariff import Assessment, EarlierNotice, NoticeLaw, assess_tier
from services.penalties.serving.domain import Deadlines, clocks
from shared.attendance.deemed_receipt import deemed_receipt
from shared.law import Finding, UnknownProvisionError
from shared.problems import Invalid


class NoLawKnown(Invalid):
    """The law of those days is not known here."""


@dataclass(frozen=True, slots=True)
class AssessedNotice:
    """What the notice would be; its dates are None where no day of posting was given."""

    assessment: Assessment
    received_on: date | None = None
    deadlines: Deadlines | None = None
    findings: tuple[Finding, ...] = ()


def assess_notice(
    la_code: str,
    kind: NoticeLaw,
    proposed_on: date,
    offence: OffencePeriod,
    earlier: Sequence[EarlierNotice],
    posted_on: date | None,
    method: str,
) -> AssessedNotice:
    """Return tier, amounts and dates of a notice. Raises OffenceAcrossFrameworks and NoLawKnown."""
    law = law_of(la_code)
    try:
        assessment = assess_tier(law, kind, proposed_on, offence, earlier)
        if posted_on is None:
            return AssessedNotice(assessment, findings=assessment.findings)
        receipt = deemed_receipt(posted_on, method)
        found = clocks(law, receipt.received_on)
    except UnknownProvisionError as gap:
        raise NoLawKnown("No tariff or period in force on those days is known here.") from gap
    return AssessedNotice(assessment, receipt.received_on, found, (*assessment.findings, receipt.finding, *found.findings))
