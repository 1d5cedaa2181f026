"""What comes back after the database went back to an old copy."""
