"""When a notice counts as received, and the deadlines that run from that day."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from shared.attendance.deemed_receipt import deemed_receipt
from shared.law import Finding, Law


def later(*days: date | None) -> date | None:
    """Return the latest of the days that are given, None where there is none: what was printed is never shortened."""
    return max((day for day in days if day is not None), default=None)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The last day at the lower rate, the last day to pay, and the first day on which the notice is overdue."""

    early_deadline: date
    final_deadline: date
    overdue_from: date
    findings: tuple[Finding, ...] = ()


def clocks(law: Law, received_on: date) -> Deadlines:
    """Return the clocks of a notice received on `received_on`, which is day 1.

    SI 2007/1867 regs. 4, 5 and 7: periods of 21 and 28 days «beginning with the date on which the notice is received»;
    no proceedings before the second has ended. A last day that is no working day is not extended.
    """
    lower, full = law.at("lower_rate_days", received_on), law.at("payment_days", received_on)
    early_deadline = received_on + timedelta(days=lower.value - 1)
    final_deadline = received_on + timedelta(days=full.value - 1)
    findings = (
        lower.finding("last day at the lower rate", received_on=received_on, early_deadline=early_deadline),
        full.finding("last day to pay", received_on=received_on, final_deadline=final_deadline),
    )
    return Deadlines(early_deadline, final_deadline, final_deadline + timedelta(days=1), findings)


def receipt_finding(posted_on: date, method: str, received_on: date) -> Finding:
    """Return the finding of the day of receipt: deemed by the rule for the method, or another day that was proven."""
    deemed = deemed_receipt(posted_on, method)
    if deemed.received_on == received_on:
        return deemed.finding
    return replace(deemed.finding, outcome="received on another day, as proven", facts={**deemed.finding.facts, "received_on": received_on})


def deadlines(law: Law, received_on: date, printed: tuple[date, date], shown: tuple[date | None, date | None] = (None, None)) -> Deadlines:
    """Return the deadlines of a notice received on `received_on`.

    `printed` and `shown` are earlier (early, final) deadlines: those on the letter, and those shown since. None is ever shortened.
    """
    computed = clocks(law, received_on)
    early = later(computed.early_deadline, printed[0], shown[0]) or computed.early_deadline
    final = later(computed.final_deadline, printed[1], shown[1]) or computed.final_deadline
    overdue_from = computed.overdue_from + (final - computed.final_deadline)
    return Deadlines(early, final, overdue_from, computed.findings)
