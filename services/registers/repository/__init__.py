"""The questions that `registers` asks its database, one function each; they take the transaction and never commit."""
