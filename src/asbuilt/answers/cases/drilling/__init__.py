"""Drills: a case exercised on a copy of the record, with the time that each answer took.

Nouns: drill, step. Verbs: start (copy the record), report. It refuses to run on the record itself, and to let anything out of the copy.
"""
