"""Formats: foreign documents in and out, as pure functions between bytes and dataclasses.

Nouns: exchange table (design, section 7), BOM document, placement document, label. Verbs: read, write, cross-check, name
the nearest. Refuses what it cannot read with file, line and column; knows no database, no tenant and no clock, and decides
nothing about what a document means for the units.
"""
