"""Notices to Improve."""
