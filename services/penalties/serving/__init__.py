"""Serving a notice: the day of receipt and the clocks that it starts."""
