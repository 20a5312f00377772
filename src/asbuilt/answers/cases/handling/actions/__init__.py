"""Verbs of cases: signals, opening and closing, what is stated, what is decided and submitted."""
