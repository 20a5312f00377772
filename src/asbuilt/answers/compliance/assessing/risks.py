"""Levels of a risk: likelihood and impact make it, by a table that anybody can read."""

LEVELS = ("low", "medium", "high")
# likelihood (row) and impact (column): low, medium, high
_TABLE = (("low", "low", "medium"), ("low", "medium", "high"), ("medium", "high", "high"))


def risk_of(likelihood: str, impact: str) -> str:
    """The risk of a threat; empty where one of the two is not said."""
    if likelihood not in LEVELS or impact not in LEVELS:
        return ""
    return _TABLE[LEVELS.index(likelihood)][LEVELS.index(impact)]
