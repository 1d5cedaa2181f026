"""Marks whose reason must still come: by when, which are overdue, and lists of them."""
