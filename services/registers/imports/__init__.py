"""Files of marks from other systems: accepted, worked through, reported."""
