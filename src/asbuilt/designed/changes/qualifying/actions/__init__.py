"""Verbs of alternates, qualification runs, deviations and design reviews."""
