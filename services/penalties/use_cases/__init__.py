"""What penalties does: one function for each thing, in four steps: load, decide, store, publish."""
