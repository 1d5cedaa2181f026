"""The queries of the reports."""
