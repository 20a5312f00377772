"""Compliance: what a product is in the sense of the law, what was assessed and proved of it, and for how long it is supported and kept.

Nouns: judgement, rule set, route, standard, risk assessment, requirement, revision, support period, retention. Verbs: judge, assess, say of a requirement, draft a
revision, review it, set a support period. It refuses facts of its own about units: what proves a requirement is asked of the record. It never says that a product
complies: it says what was decided, what is proved, and what is missing.
"""
