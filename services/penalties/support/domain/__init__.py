"""What an entry may hold, and what a log still lacks."""
