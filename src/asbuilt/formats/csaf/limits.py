"""How large a CSAF document may be. All of them stand in the settings' reference.

Bytes: the standard's own (CSAF 2.0, appendix C.1: 15 MB).
"""

from dataclasses import dataclass

BYTES_MAX = 15 * 1024 * 1024
NESTING_MAX = 100
FINDINGS_TOLD_MAX = 200
EXPANDED_MAX = 5_000_000
"""Product ids that flags, remediations and threats name through groups, counted over the whole document."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of a file, levels of nesting, product ids reached through groups."""

    bytes: int = BYTES_MAX
    nesting: int = NESTING_MAX
    expanded: int = EXPANDED_MAX
