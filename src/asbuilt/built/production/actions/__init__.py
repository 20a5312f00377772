"""Verbs of the floor, one file a noun. Steps, rework and assembly are called by the gate alone (design, section 3)."""
