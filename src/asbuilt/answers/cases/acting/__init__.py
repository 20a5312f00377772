"""Field actions of a case: what is done to units that are out, and how far it is.

Nouns: field action, reach (the units it is about), standing of a unit, count, rest. Verbs: start, report what became of units, look again, let go,
justify the rest, close. It refuses to take a unit out of its reach: what once matched stays until it is accounted for.
"""
