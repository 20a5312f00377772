"""Supply: lots and the packages they come in. Nouns: lot (maker, MPN, lot code, date code), package. Verb: import packages.
It refuses consumption: what a package fed stands in production.
"""
