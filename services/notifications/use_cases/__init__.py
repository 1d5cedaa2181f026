"""What the service does: letters from the request to the proof of posting, and messages to schools."""
