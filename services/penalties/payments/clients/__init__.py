"""The payment provider: never asked inside a transaction."""
