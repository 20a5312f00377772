"""Verbs of the supply room, one module a noun."""
