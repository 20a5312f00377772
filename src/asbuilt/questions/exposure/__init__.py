"""Exposure: from a vulnerability to the units it is on, and to whoever has them.

Nouns: way (how a vulnerability comes in: component, SBOM, release or revision or part), reach (the units behind a way), exposure, priority,
change. Verbs: ask `cve:` and `component:`, follow a vulnerability to customers, sort what is open, say what changed. Read only; it decides
nothing and tells nobody.
"""
