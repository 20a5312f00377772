"""Cases: who must be told what by when, once something happened to products in the field.

Nouns: signal, case, moment, duty, clock, decision, submission, report, coordinator. Verbs: note a signal, dismiss it, open a case, say what it is about, state a
moment, decide, freeze its answer, draft, fill and approve a report, record what was submitted, determine a coordinator, escalate, close, reopen. It refuses a
genealogy of its own, and a date or an article of the law in its code: rules are dated files.
"""
