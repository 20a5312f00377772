"""What an import brings is matched with what feeds say once the last of its files is in: by name of its table, never row by row. So is what a
withdrawal or a correction takes back or says anew.

How far matching has come stands in its own transaction: an import that was killed here is caught up by the next, or the next feed.
"""

from collections.abc import Iterable

from asbuilt.access.actor import Actor
from asbuilt.designed.vulnerability.matching.criteria import kinds_spoken_of
from asbuilt.designed.vulnerability.matching.evaluating import catch_up

MATCHED = frozenset(("sboms", "component_identities", "parts", "lots", "bom", "firmware", "own_entries", "corrections"))
"""Tables that say what components and parts there are, what they are called, and what stands beside them."""


def match_imported(actor: Actor, tables: Iterable[str]) -> None:
    """Match what is new, where one of these tables came in and any feed ever said something."""
    if MATCHED.intersection(tables) and kinds_spoken_of(actor.tenant):
        catch_up(actor)
