"""Catalog: what is MEANT to be built.

Nouns: part, approved manufacturer part, product, hardware revision, BOM version, BOM line, position group (the positions a line
or a material run speaks of: reference designators, or `#LINE` where a line has none). Verbs: import parts, import BOM versions.
It refuses anything that happened.
"""
