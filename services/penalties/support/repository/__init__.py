"""The queries, and the shapes of their rows."""
