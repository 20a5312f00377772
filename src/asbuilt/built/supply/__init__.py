"""Supply: what comes in and its state until it is mounted. Nouns: delivery, lot (maker, MPN, lot code, date code), package,
receipt, status, inspection plan, inspection, check, sample, declaration, life. Verbs: receive packages, quarantine, release and
reject them, plan and record inspections, keep samples, handle packages, say lives, declare, print labels. Reads for what comes
after: `queries.standing_of` and `queries.floor_life` say whether a package may be mounted, and else why not and what to do.
It refuses consumption: what a package fed stands in production.
"""
