"""Firmware: what images a product has, who signed and released them, and the archive of them.

Nouns: release (product, image role, version, image), draft, signature, state, trust store, image, archive. Verbs: import releases, set a trust
store, add a draft, sign, release, withdraw, erase an image after its retention, write and verify the archive, seal for a station.
Refuses: build systems and source code; an image whose boot signature fails; a release below the threshold of its signers; to erase early.
"""
