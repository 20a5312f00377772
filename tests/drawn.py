"""Which units a plan draws, written from docs/work/test-plans.md and not from the code."""

from hashlib import sha256


def drawn(plan_sha256: str, unit: str, every: int) -> bool:
    """Whether the plan with this hash draws the unit: the first 16 hex digits of a SHA-256, read as a number, leave no rest."""
    return int(sha256(f"asbuilt/sample\n{plan_sha256}\n{unit}".encode()).hexdigest()[:16], 16) % every == 0
