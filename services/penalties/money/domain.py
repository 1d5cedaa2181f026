"""What is due on a notice, and what the money that came in amounts to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from shared.law import Finding, Law

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a notice costs within the lower-rate period, and after it."""

    early_pence: int
    full_pence: int


@dataclass(frozen=True, slots=True)
class Money:
    """Money that came in, with the London date on which it counts."""

    amount_pence: int
    counted_on: date


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the money for one notice amounts to."""

    paid_pence: int
    discharged_on: date | None
    """The day on which the notice was paid; null while it is not."""
    overpaid_pence: int
    """Beyond what discharged the notice: to be paid back."""


def counted_on(paid_at: datetime, today: date) -> date:
    """Return the date on which a payment counts: the London date of its instant, at the latest today."""
    return min(paid_at.astimezone(LONDON).date(), today)


def settle(amounts: Amounts, early_deadline: date | None, money: Sequence[Money], accepted_until: date | None = None) -> Settlement:
    """Return what the money amounts to.

    SI 2007/1867 reg. 4: the notice is paid when the money counted by the last day at the lower rate reaches the early amount, or all
    money the full one, also after the last day to pay [policy: no one is prosecuted after paying]. Less is a part payment: it is kept,
    and discharges nothing. A notice that is not yet served (no deadline) is early. Once a charge was brought, money that counts after
    `accepted_until`, the last day to pay, is not accepted: never both paid and charged.
    """
    total, paid = sum(m.amount_pence for m in money), 0
    for each in sorted(money, key=lambda m: m.counted_on):
        if accepted_until is not None and each.counted_on > accepted_until:
            break
        paid += each.amount_pence
        price = price_pence(amounts, early_deadline, each.counted_on)
        if paid >= price:
            return Settlement(total, each.counted_on, total - price)
    return Settlement(total, None, total - paid)


def price_pence(amounts: Amounts, early_deadline: date | None, on: date) -> int:
    """Return what the whole notice costs on a day, in pence."""
    return amounts.early_pence if early_deadline is None or on <= early_deadline else amounts.full_pence


def due_pence(amounts: Amounts, early_deadline: date | None, settlement: Settlement, on: date) -> int:
    """Return what is still to be paid on a day, in pence: nothing once the notice is paid."""
    if settlement.discharged_on:
        return 0
    return max(0, price_pence(amounts, early_deadline, on) - settlement.paid_pence)


def payment_finding(
    law: Law, amounts: Amounts, settlement: Settlement, early_deadline: date | None, final_deadline: date | None
) -> Finding:
    """Return why a discharged notice counts as paid: SI 2007/1867 regs. 4 and 5. Raises ValueError where it is not paid."""
    paid_on = settlement.discharged_on
    if paid_on is None:
        raise ValueError("the notice is not paid")
    if amounts.early_pence < amounts.full_pence and (early_deadline is None or paid_on <= early_deadline):
        provision, outcome = "lower_rate_days", "paid within the lower-rate period"
    elif final_deadline is None or paid_on <= final_deadline:
        provision, outcome = "payment_days", "paid in full within the payment period"
    else:
        provision, outcome = "payment_days", "paid in full after the payment period, accepted [policy]"
    facts = {"paid_on": paid_on, "paid_pence": settlement.paid_pence, "early_deadline": early_deadline, "final_deadline": final_deadline}
    return law.at(provision, paid_on).finding(outcome, **facts)
