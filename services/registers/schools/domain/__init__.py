"""The rules: no database, no clock."""
