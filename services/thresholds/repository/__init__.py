"""What is stored, a function per question."""
