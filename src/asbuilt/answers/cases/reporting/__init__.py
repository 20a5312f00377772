"""Reports of a case: drafted field by field from the record, completed and approved by people, submitted, answered; clocks that call out.

Nouns: field, matrix, draft, approval, coordinator, escalation. Verbs: fill, draft anew, approve, submit, say what the platform said, ask for an intermediate
report, determine the coordinator, escalate. It refuses to invent a text, to change one silently, and to send anything to an authority: people copy it.
"""
