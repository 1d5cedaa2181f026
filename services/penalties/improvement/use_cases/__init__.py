"""Notices to Improve: issued, served, ended."""
