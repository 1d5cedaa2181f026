"""Service of a notice: on which day it counts as received, and how that was known."""

from dataclasses import dataclass, replace
from datetime import date

from services.penalties.domain.clocks import clocks
from services.penalties.domain.improvement import later
from shared.attendance.deemed_receipt import deemed_receipt
from shared.law import Finding, Law


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The dates of a penalty notice as they hold for the parent."""

    early_deadline: date
    final_deadline: date
    overdue_from: date
    findings: tuple[Finding, ...]


def receipt_finding(posted_on: date, method: str, received_on: date) -> Finding:
    """Return the finding of the day of receipt: deemed by the rule for the method, or another day that was proven."""
    deemed = deemed_receipt(posted_on, method)
    if deemed.received_on == received_on:
        return deemed.finding
    return replace(deemed.finding, outcome="received on another day, as proven", facts={**deemed.finding.facts, "received_on": received_on})


def deadlines(law: Law, received_on: date, printed: tuple[date, date], told: tuple[date | None, date | None] = (None, None)) -> Deadlines:
    """Return the deadlines of a notice received on `received_on`.

    `printed` and `told` are earlier (early, final) deadlines: those on the letter, and those shown since. None is ever shortened.
    """
    computed = clocks(law, received_on)
    early = later(computed.early_deadline, printed[0], told[0]) or computed.early_deadline
    final = later(computed.final_deadline, printed[1], told[1]) or computed.final_deadline
    overdue_from = computed.overdue_from + (final - computed.final_deadline)
    return Deadlines(early, final, overdue_from, computed.findings)
