"""Payments at the provider and its signed messages."""
