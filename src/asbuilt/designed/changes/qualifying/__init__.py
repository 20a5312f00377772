"""Other parts, and building otherwise than planned, decided before it is done.

Nouns: alternates sheet (ALT-1) with candidates and their security properties; qualification run (QR-1) with acceptance criteria, results, verdict;
deviation (DEV-1); design review (DR-1) with findings. Verbs: open, state, start, take a result, judge, propose, agree, end, close.
It refuses a run without criteria, a verdict by whoever started it or against its criteria, a deviation without an end, a review with open points.
"""
