"""Comparing: BOM versions by meaning, not by line.

Nouns: side, difference. Refuses: what was built with either (the question language answers that), firmware of configurations (questions/boms adds it).
"""
