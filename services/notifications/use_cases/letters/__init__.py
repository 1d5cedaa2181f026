"""Letters: requested, made, posted, followed, returned, read."""
