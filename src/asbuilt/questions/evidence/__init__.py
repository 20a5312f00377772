"""Evidence: how good the record of a unit, an order or a product is, against what is demanded of it.

Nouns: level (M1 to M4 of material, P1 to P4 of process, as `data/ipc-1782.json` defines them), gap (what keeps units at a level, in
words), doubt (what the record says that cannot well be true). Verbs: judge a unit, an order, a product.
It refuses to call anything conforming: it says what evidence there is and what is missing.
"""
