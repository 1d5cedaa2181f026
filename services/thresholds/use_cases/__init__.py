"""What the service does: load, decide, store, publish."""
