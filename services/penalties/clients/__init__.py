"""Other systems that penalties asks: never inside a transaction."""
