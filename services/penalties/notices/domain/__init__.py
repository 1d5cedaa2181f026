"""The rules of penalty notices."""
