"""What every service has in common; nothing here knows what attendance is."""
