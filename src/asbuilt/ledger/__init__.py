"""Ledger: the evidence store and its transparency log.

Nouns: entry (one recorded change), fact (one row an entry commits to), segment (facts as they were recorded, compressed),
evidence (what arrived, byte for byte), checkpoint (the signed head of the log), withdrawal (a fact that no longer stands).
Verbs: record an entry, put entries in order, sign a checkpoint, prove, verify, erase.

Entries, leaves and segments are never updated or deleted; triggers refuse it, and the Merkle log proves it (reference/log.md).
It refuses to decide what an event is: rooms above declare their shapes and types.
"""
