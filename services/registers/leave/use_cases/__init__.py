"""Leave of absence, for one child or for several of a family."""
