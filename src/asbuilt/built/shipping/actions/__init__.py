"""Verbs of this room. What lets a unit go on is called by the gate alone."""
