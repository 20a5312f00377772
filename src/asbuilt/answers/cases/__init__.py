"""Cases: who must be told what by when, once something happened to products in the field.

Nouns: signal, case, moment, duty, clock, decision, submission. Verbs: note a signal, dismiss it, open a case, say what it is about, state a moment, decide, freeze
its answer, record what was submitted, close, reopen. It refuses a genealogy of its own, and a date or an article of the law in its code: rules are dated files.
"""
