"""What the reports show to whom."""
