"""Other services that evidence is asked of: never inside a transaction."""
