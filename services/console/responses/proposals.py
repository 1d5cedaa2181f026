"""What a notice would be before it is issued, from penalties and prosecutions."""

from datetime import date

from services.console.responses.values import ServiceResponse


class ProposedDates(ServiceResponse):
    """The days of a notice that is posted on a day; None where none are reckoned."""

    received_on: date | None
    early_deadline: date | None
    final_deadline: date | None


class TimeLimits(ServiceResponse):
    """The last days for a charge: for every session, and for the latest of them."""

    safe_limit: date
    outer_limit: date
