"""Verbs of notices: contacts, writing and approving, sending, what came back."""
