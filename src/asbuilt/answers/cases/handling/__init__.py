"""The file of a case: what was said of it, whose duty runs, its clocks, decisions and submissions.

Nouns: signal, case, statement, moment, duty, clock, decision, submission. Verbs: note a signal, open, state, decide, freeze, submit, close. It refuses to draft
a report, to send a notice or to count units in the field: those stand above it.
"""
