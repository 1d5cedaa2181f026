"""Imports: a file is accepted whole, then read, put in the order of its registers, and stored chunk by chunk."""
