"""Components: the SBOM documents of firmware releases, hardware revisions and purchased module parts, and what they list.

Nouns: SBOM, component, package version, binding. Verbs: add an SBOM. A new SBOM of the same binding supersedes the one before,
which stays; the supplier's bytes stay as they came. Refuses: a file that is no SBOM or breaks its schema, a binding to
nothing that is known, the same file twice in a row.

Never here: vulnerabilities. A component is what a document says; whether it is true, nobody knows here.
"""
