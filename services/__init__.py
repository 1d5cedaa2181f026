"""The services: independent of each other, all of one shape."""
