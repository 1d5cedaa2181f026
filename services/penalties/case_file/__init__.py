"""A case with what happened in it: opened by the threshold, loaded for the rules, locked, seen by whom it may, closed."""
