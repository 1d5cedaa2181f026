"""The ledger of a notice: what was paid, what is due, what is owed back."""

from datetime import date

from services.penalties.case_file.domain.notices import PenaltyNotice
from services.penalties.money.domain import Amounts, Settlement, due_pence, settle
from services.penalties.money.repository import RefundRow, add_refund, is_charged, money_of, owed_back
from shared import clock
from shared.database import Transaction
from shared.ids import new_id


async def settlement_of(tx: Transaction, notice: PenaltyNotice) -> Settlement:
    """Return what the money for a notice amounts to: nothing is kept for a withdrawn one, nor what comes late after a charge."""
    money = await money_of(tx, notice.id)
    if notice.status == "withdrawn":
        total = sum(each.amount_pence for each in money)
        return Settlement(total, None, total)
    charged = notice.status != "paid" and await is_charged(tx, notice.id, notice.pupil_id)
    return settle(amounts_of(notice), notice.early_deadline, money, notice.final_deadline if charged else None)


async def owe_back(tx: Transaction, notice: PenaltyNotice, settlement: Settlement) -> None:
    """Record what is owed back for a notice beyond what is recorded already."""
    more = settlement.overpaid_pence - await owed_back(tx, notice.id)
    if more <= 0:
        return
    cause = "withdrawn" if notice.status == "withdrawn" else "overpaid" if settlement.discharged_on else "charged"
    await add_refund(tx, RefundRow(new_id(), notice.id, more, cause, clock.today()))


def amounts_of(notice: PenaltyNotice) -> Amounts:
    """Return what a notice costs."""
    return Amounts(notice.early_pence, notice.full_pence)


def due_on(notice: PenaltyNotice, settlement: Settlement, on: date) -> int:
    """Return what is still to be paid for a notice on a day, in pence."""
    return 0 if notice.status == "withdrawn" else due_pence(amounts_of(notice), notice.early_deadline, settlement, on)
