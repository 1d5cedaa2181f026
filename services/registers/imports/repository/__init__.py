"""The questions to the database, one function each; they take the transaction and never commit."""
