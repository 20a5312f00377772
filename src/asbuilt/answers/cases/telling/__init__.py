"""Telling customers: where they are told, notices made from a frozen answer, and what became of each.

Nouns: contact, notice, recipient, delivery. Verbs: set and erase a contact, draft, review, approve, hold, send, tell otherwise, acknowledge. It refuses a list of
units of its own (they are those of the frozen answer), an address in the log, a notice that nobody read, and a tracking pixel.
"""
