"""What makes somebody a parent of the pupil, and whether they allowed the absence: recorded, and taken back where it was wrong."""
