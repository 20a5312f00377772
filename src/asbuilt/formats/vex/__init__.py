"""VEX: what a maker says about vulnerabilities in its products, written as OpenVEX, CSAF VEX and CycloneDX VEX.

Nouns: document, statement, product, component. Verbs: check a statement, write a document. Refused: a statement that its status does not
carry (not affected without a reason, affected without what to do). Pure: no clock, no network. Reading suppliers' VEX: `formats.advisory`.
"""
