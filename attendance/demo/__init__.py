"""A school year of a small synthetic authority, played day by day, and the story of one pupil from register to court file."""
