"""How long a product is supported and its papers are kept: support period, placing date of each unit, clocks by dated rules.

Nouns: support period, regime, clock, retention. Verb: set a support period. It refuses an erasure while a clock runs.
"""
