"""Amounts of money as people read them."""


def pounds(pence: int) -> str:
    """Return an amount of pence as `£80`, `£80.50` or `£1,240`: whole pounds without pence."""
    in_pounds, rest = divmod(pence, 100)
    return f"£{in_pounds:,}.{rest:02d}" if rest else f"£{in_pounds:,}"
