"""Cases as people see them, with the steps possible now."""
