"""What follows an SBOM that was added, registered by rooms above: called after it is recorded, with the actor.

It asks which package versions are new since it came last, so a kill in between loses nothing: the next call goes on from there.
"""

from collections.abc import Callable

ADDED: dict[str, Callable[[object], None]] = {}
