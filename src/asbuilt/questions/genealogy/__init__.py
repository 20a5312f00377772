"""Genealogy: one question in, the exact units out, each with its grade.

Nouns: question (one line of text), term (`lot:X`), value, bracket (one position, one pass), window (from when to when).
Verbs: parse a question, say it back in plain words, complete it while it is typed.
It refuses to write, and to guess: a question it does not understand is an error that points at the character.
"""
