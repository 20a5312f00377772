"""Verbs of programming, by noun."""
