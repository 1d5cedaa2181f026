"""A case as every rule sees it."""
