"""How large an SBOM may be. All of them stand in the settings' reference."""

from dataclasses import dataclass

BYTES_MAX = 64 * 1024 * 1024
NESTING_MAX = 100
COMPONENTS_MAX = 100_000
DEPENDENCIES_MAX = 1_000_000
VALUES_MAX = 5_000_000
IDENTIFIERS_MAX = 1_000
"""Identifiers of one component: each is compared with all that feeds say of its name."""
GRAPH_ELEMENTS_EACH = 20
"""Elements of an SPDX 3 graph, or of XML, for each component that is taken: relationships, licences, hashes."""
PLACES_TOLD_MAX = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of a file, levels of nesting, components, dependency edges, values of any kind, identifiers of one component."""

    bytes: int = BYTES_MAX
    nesting: int = NESTING_MAX
    components: int = COMPONENTS_MAX
    dependencies: int = DEPENDENCIES_MAX
    values: int = VALUES_MAX
    identifiers: int = IDENTIFIERS_MAX
