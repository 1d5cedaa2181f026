"""The clocks of a penalty notice: they start with the day of receipt."""

from dataclasses import dataclass
from datetime import date, timedelta

from shared.law import Finding, Law


@dataclass(frozen=True, slots=True)
class Clocks:
    """The last day at the lower rate, the last day to pay, and the first day on which the notice is overdue."""

    early_deadline: date
    final_deadline: date
    overdue_from: date
    findings: tuple[Finding, ...] = ()


def clocks(law: Law, received_on: date) -> Clocks:
    """Return the clocks of a notice received on `received_on`, which is day 1.

    SI 2007/1867 regs. 4, 5 and 7: periods of 21 and 28 days «beginning with the date on which the notice is received»;
    no proceedings before the second has ended. A last day that is no working day is not extended.
    """
    lower, whole = law.at("lower_rate_days", received_on), law.at("payment_days", received_on)
    early_deadline = received_on + timedelta(days=lower.value - 1)
    final_deadline = received_on + timedelta(days=whole.value - 1)
    findings = (
        lower.finding("last day at the lower rate", received_on=received_on, early_deadline=early_deadline),
        whole.finding("last day to pay", received_on=received_on, final_deadline=final_deadline),
    )
    return Clocks(early_deadline, final_deadline, final_deadline + timedelta(days=1), findings)
