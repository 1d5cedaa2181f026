"""Absences shortly after an illness, at schools with a sickness rule, and whether the child was turned away."""
