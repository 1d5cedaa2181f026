"""Pupils and their rolls, their UPNs, their parents, and the records that are of one child."""
