"""Amounts of money as people read them."""


def pounds(pence: int) -> str:
    """Return an amount of pence as `£80`, `£80.50` or `£1,240`: whole pounds without pence."""
    whole, rest = divmod(pence, 100)
    return f"£{whole:,}.{rest:02d}" if rest else f"£{whole:,}"
