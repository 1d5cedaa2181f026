"""What the service does: opens files, keeps them true to the facts, records officers' decisions, prints bundles."""
