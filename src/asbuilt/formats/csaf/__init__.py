"""CSAF 2.0 (ISO/IEC 20153:2025): security advisories checked by the schema and the mandatory tests of the standard, and written.

Nouns: advisory, check, finding, product tree, product, revision, provider tree. Verbs: check a document, write an advisory, lay out a
provider's folder. Refused: what is larger or deeper than the limits, what is no JSON. Pure: no clock, no network.
Reading suppliers' advisories: `formats.advisory`; exporting VEX decisions: `formats.vex`.
"""
