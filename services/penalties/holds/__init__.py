"""What stops a notice until an officer clears it."""
