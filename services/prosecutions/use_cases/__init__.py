"""What the service does: opens files, stops and holds them when events arrive, records officers' decisions, prints bundles."""
