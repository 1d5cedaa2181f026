"""Waiting until the marks of a period have all been judged."""
