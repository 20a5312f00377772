"""Refusals of this room."""

from asbuilt.kernel.errors import NotFound


def unknown_party(name: str) -> NotFound:
    """No party has this code or name."""
    return NotFound("parties.unknown", f"No party is called {name}.", facts={"party": name})
